import type { LogError } from './handlers.ts';

/** Longer than this, in milliseconds, nobody keeps the pointer still. */
const usualPatience = 3000;

/**
 * An answer of Nix, or undefined where it does not come in time or not at all.
 * Nix goes on: what it finds out makes the next question quick.
 */
export async function inTime<T>(
  question: Promise<T | undefined>,
  logError: LogError,
  patience = usualPatience,
): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    // An answer that came while this process was busy is looked at only after the timers.
    timer = setTimeout(() => setImmediate(() => resolve(undefined)), patience);
  });
  const answer = question.catch((error: unknown) => {
    logError('Nix could not be asked.', error);
    return undefined;
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
