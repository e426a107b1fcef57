import type { LogError } from './handlers.ts';

/** Longer than this, in milliseconds, nobody keeps the pointer still. */
const patience = 3000;

/**
 * An answer of Nix, or undefined where it does not come in time or not at all.
 * Nix goes on: what it finds out makes the next question quick.
 */
export async function inTime<T>(
  question: Promise<T | undefined>,
  logError: LogError,
): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), patience)));
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
