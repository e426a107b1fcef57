import type { SourceRange } from '../../model/location.ts';
import type { EvaluationArguments, EvaluationTarget } from '../../model/target.ts';
import { describeFailure } from '../../nix/errors.ts';
import type { RunLimits } from '../plan.ts';

/** A target that was found by looking into the workspace. */
export interface FoundTarget {
  readonly target: EvaluationTarget;
  /** E.g. `release.nix · build.x86_64-linux`. */
  readonly label: string;
  readonly description: string;
  /** The attribute's name in its file, where the file says it literally. */
  readonly source?: SourceRange;
}

export interface TargetSearchOptions {
  readonly limits: RunLimits;
  readonly signal: AbortSignal;
  /** Told why a file offers no targets, in words for people. */
  readonly onProblem?: (problem: string) => void;
}

export const noArguments: EvaluationArguments = { arg: [], argstr: [], include: [], option: [] };

/** An attribute path as Nix reads it: names that are no identifiers are quoted. */
export function formatAttributePath(path: readonly string[]): string {
  return path
    .map((name) => (/^[a-zA-Z_][a-zA-Z0-9_'-]*$/.test(name) ? name : JSON.stringify(name)))
    .join('.');
}

/**
 * A file that cannot be evaluated offers no targets; why is told to `onProblem`.
 *
 * @param name the file's, for people
 * @throws AbortError when the search is not wanted any more
 */
export async function orNone(
  name: string,
  search: Promise<FoundTarget[]>,
  { signal, onProblem }: TargetSearchOptions,
): Promise<FoundTarget[]> {
  try {
    return await search;
  } catch (error) {
    signal.throwIfAborted();
    onProblem?.(problemOf(name, error));
    return [];
  }
}

/** Why a file has no targets, and what to do; arguments are given in the settings here. */
function problemOf(name: string, error: unknown): string {
  const [{ message, advice } = { message: String(error), advice: undefined }] = describeFailure(
    error,
    () => true,
  );
  if (message.includes('requires lock file changes'))
    return `${name}: flake.lock is missing or out of date: run \`nix flake lock\`.`;
  const argument = /(?:without required argument|without a value \()\s*'([^']+)'/.exec(message)?.[1];
  const what = `${name}: ${message.split('\n', 1)[0]?.replace(/\.?$/, '.')}`;
  if (argument !== undefined) {
    const setting = JSON.stringify({ file: name, arg: { [argument]: '…' } });
    return `${what} Pass \`${argument}\` in the setting nixPlatformLens.targets: \`[${setting}]\`.`;
  }
  return advice === undefined ? what : `${what} ${advice}`;
}
