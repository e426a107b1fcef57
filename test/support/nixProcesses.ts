import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

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
      return readFileSync(`/proc/${id}/cmdline`, 'latin1').includes('nix-instantiate');
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

/** Waits until a condition holds; fails after the limit, in milliseconds. */
export async function until(what: string, condition: () => boolean, limit: number): Promise<void> {
  const end = performance.now() + limit;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`not within ${limit} ms: ${what}`);
    await delay(2);
  }
}
