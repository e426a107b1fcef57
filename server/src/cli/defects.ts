import { inspect } from 'node:util';
import { joinLines } from '../output/shown.ts';

/** Whether an error is a mistake in this program, not a state of the world that it can meet. */
export function isDefect(error: unknown): error is Error {
  return [TypeError, RangeError, ReferenceError].some((kind) => error instanceof kind);
}

/**
 * Returns the lines that tell of a defect of the command's own: where it happened, if somebody is debugging,
 * else how to find that out.
 */
export function defectLines(error: unknown, isDebugging: boolean): string[] {
  const message = error instanceof Error ? error.message : String(error);
  const told = `error: ${joinLines(message)}`;
  if (!isDebugging) return [told, 'This is a defect of nix-platform-lens. With --debug it says where.'];
  return [told, ...stackOf(error)];
}

/** Returns the frames of an error and of what caused it. */
function stackOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  if (error.cause === undefined) return frames;
  const cause = error.cause instanceof Error ? error.cause.message : inspect(error.cause);
  return [...frames, `caused by: ${joinLines(cause)}`, ...stackOf(error.cause)];
}
