import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const kept = join(import.meta.dirname, '..', '..', '.cache', 'test-durations.json');

/**
 * How long each test file lasted when it ran last, in milliseconds; of files
 * that never ran here nothing is known.
 * @returns {Map<string, number>}
 */
export function readDurations() {
  try {
    return new Map(Object.entries(JSON.parse(readFileSync(kept, 'utf8'))));
  } catch {
    // Only the order depends on it; it is written anew.
    return new Map();
  }
}

/** @param {ReadonlyMap<string, number>} durations */
export function writeDurations(durations) {
  mkdirSync(dirname(kept), { recursive: true });
  writeFileSync(kept, `${JSON.stringify(Object.fromEntries(durations), undefined, 2)}\n`);
}
