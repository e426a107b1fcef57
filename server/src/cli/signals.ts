import { constants } from 'node:os';

/** The signals by which a person, a shell or the system asks a command to end. */
export const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type EndingSignal = (typeof endingSignals)[number];

/** How long the signal may take to arrive at this process itself, in milliseconds. */
const patience = 1000;

/**
 * Ends this process by a signal that it was sent before, now that it has
 * cleaned up. Only so do shells see why it ended, and stop the loop or the
 * script that started it; a status of 130 does not tell them.
 */
export function endBySignal(signal: EndingSignal): void {
  process.removeAllListeners(signal);
  // Should something keep the signal from ending it after all. It keeps the process alive until then, too.
  setTimeout(() => process.exit(128 + constants.signals[signal]), patience);
  process.kill(process.pid, signal);
}
