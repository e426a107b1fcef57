import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** How often a long wait says what it waits for. */
const sayAfterMs = 60_000;

/** Ids of the processes that have this text in their environment, all descendants included. */
export function processesWith(mark: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((id) => environmentOf(id).includes(mark));
}

/** Of these the ones that are a Nix: not the program that started it, and not who watches over both. */
export function nixOf(mark: string): number[] {
  return processesWith(mark).filter((id) => {
    try {
      const words = readFileSync(`/proc/${id}/cmdline`, 'latin1');
      // What evaluates a target and stays, unlike what answers hovers, prints no records.
      return words.includes('nix-instantiate') || words.includes('nix\0repl\0--log-format\0raw\0');
    } catch {
      // It has ended meanwhile.
      return false;
    }
  });
}

function environmentOf(id: number): string {
  try {
    return readFileSync(`/proc/${id}/environ`, 'latin1');
  } catch {
    // It has ended meanwhile, or is another user's.
    return '';
  }
}

/**
 * Waits until a condition holds that nobody tells of, such as the end of a
 * process. There is no limit of time: the runner's own ends what hangs, and a
 * slow machine is no fault.
 */
export async function until(what: string, condition: () => boolean): Promise<void> {
  // Said where the test is ended meanwhile: what it was that never came.
  const waiting = setInterval(() => console.error(`waiting still: ${what}`), sayAfterMs);
  try {
    while (!condition()) await delay(20);
  } finally {
    clearInterval(waiting);
  }
}
