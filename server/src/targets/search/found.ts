import type { SourceRange } from '../../model/location.ts';
import type { EvaluationError, EvaluationErrorAction } from '../../model/evaluationError.ts';
import type { System } from '../../model/system.ts';
import type { EvaluationArguments, EvaluationTarget } from '../../model/target.ts';
import { describeFailure } from '../../nix/describeFailure.ts';
import type { RunLimits } from '../../model/runLimits.ts';
import type { Scan } from './scanWorkspace.ts';
import { isIdentifier } from '../../syntax/identifiers.ts';

/** A target that was found by looking into the workspace. */
export interface FoundTarget {
  readonly target: EvaluationTarget;
  /** E.g. `release.nix · build.x86_64-linux`. */
  readonly label: string;
  readonly description: string;
  /** The attribute's name in its file, where the file says it literally. */
  readonly source?: SourceRange;
}

/** Packages of a flake that are many: listed only where somebody asks for them. */
export interface FoundGroup {
  /** Absolute path of the flake. */
  readonly flake: string;
  readonly system: System;
  /** E.g. `.#legacyPackages.x86_64-linux`. */
  readonly label: string;
}

/** A file that a search looks into, as it begins and as it ends. */
export interface SearchPart {
  /** The file's name, for people; unique within a search. */
  readonly name: string;
  readonly isDone: boolean;
  readonly targets: readonly FoundTarget[];
  readonly groups: readonly FoundGroup[];
  /** Why it offers no targets, in words for people. */
  readonly problem?: string;
}

export interface TargetSearchOptions {
  readonly limits: RunLimits;
  readonly signal: AbortSignal;
  /** Reads the workspace's files; one that is shared reads them once for several searches. */
  readonly scan?: Scan;
  /** Told of the text to which the places of a file's targets refer, before these are told. */
  readonly onText?: (file: string, text: string) => void;
  /** Told why a file offers no targets, in words for people. */
  readonly onProblem?: (problem: string, action?: EvaluationErrorAction) => void;
  /** Told of packages that are not among the result. */
  readonly onGroup?: (group: FoundGroup) => void;
  /** Told of each file as soon as it is looked into, and again when that is done. */
  readonly onPart?: (part: SearchPart) => void;
}

export const noArguments: EvaluationArguments = { arg: [], argstr: [], include: [], option: [] };

/** An attribute path as Nix reads it: names that are no identifiers are quoted. */
export function formatAttributePath(path: readonly string[]): string {
  return path.map((name) => (isIdentifier(name) ? name : `"${name}"`)).join('.');
}

/**
 * A file that cannot be evaluated offers no targets; why is told to `onProblem`.
 *
 * @param name the file's, for people
 * @param finish tells more of a failure than Nix did
 * @throws AbortError when the search is not wanted any more
 */
export async function orNone(
  name: string,
  search: Promise<FoundTarget[]>,
  { signal, onProblem }: TargetSearchOptions,
  finish: (error: EvaluationError) => Promise<EvaluationError> = (error) => Promise.resolve(error),
): Promise<FoundTarget[]> {
  try {
    return await search;
  } catch (error) {
    signal.throwIfAborted();
    const [described = { message: String(error) }] = describeFailure(error, () => true);
    const told = await finish(described);
    onProblem?.(problemOf(name, told), told.action);
    return [];
  }
}

/** Why a file has no targets, and what to do; arguments are given in the settings here. */
function problemOf(name: string, { message, advice }: EvaluationError): string {
  if (message.includes('requires lock file changes'))
    return `${name}: flake.lock is missing or out of date: run \`nix flake lock\`.`;
  const argument = /(?:without required argument|without a value \()\s*'([^']+)'/.exec(message)?.[1];
  const what = `${name}: ${message.split('\n', 1)[0]?.replace(/\.?$/, '.')}`;
  if (argument !== undefined) {
    const setting = JSON.stringify({ file: name, arg: { [argument]: '…' } });
    return `${what} Pass \`${argument}\` in the setting nixPlatformLens.targets: \`[${setting}]\`.`;
  }
  const searched = /'([^'/]+)(?:\/[^']*)?' was not found in the Nix search path/.exec(message)?.[1];
  if (searched !== undefined) {
    const entry = JSON.stringify({ targets: [{ file: name, include: [`${searched}=PATH`] }] });
    return `${what} Add an include in .nix-platform-lens.json: \`${entry}\`.`;
  }
  return advice === undefined ? what : `${what} ${advice}`;
}
