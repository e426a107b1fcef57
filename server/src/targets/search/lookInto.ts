import type { EvaluationError, EvaluationErrorAction } from '../../model/evaluationError.ts';
import { orNone, type FoundGroup, type FoundTarget, type TargetSearchOptions } from './found.ts';

/** A file that may hold targets, and how they are found. */
export interface FileSearch {
  /** The file's name, for people. */
  readonly name: string;
  readonly search: (options: TargetSearchOptions) => Promise<FoundTarget[]>;
  /** Tells more of a failure than Nix did. */
  readonly finish?: (error: EvaluationError) => Promise<EvaluationError>;
}

/** So many files are evaluated at once: one that takes long holds up none of the others. */
const atOnce = 3;

/**
 * Looks for targets in files, several at once; what is told and found is in
 * the order of the files all the same.
 *
 * @throws AbortError when `signal` fires
 */
export async function lookInto(
  files: readonly FileSearch[],
  options: TargetSearchOptions,
): Promise<FoundTarget[]> {
  const outcomes: Outcome[] = [];
  const rest = files.entries();
  const work = async (): Promise<void> => {
    for (const [index, file] of rest) outcomes[index] = await lookIntoOne(file, options);
  };
  // All of them end before this does, so that no process is left behind one that fails.
  const ended = await Promise.allSettled(Array.from({ length: atOnce }, work));
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
  for (const { problems, groups } of outcomes) {
    for (const [problem, action] of problems) options.onProblem?.(problem, action);
    for (const group of groups) options.onGroup?.(group);
  }
  return outcomes.flatMap(({ targets }) => targets);
}

interface Outcome {
  readonly targets: readonly FoundTarget[];
  readonly groups: readonly FoundGroup[];
  readonly problems: readonly (readonly [string, EvaluationErrorAction | undefined])[];
}

async function lookIntoOne(
  { name, search, finish }: FileSearch,
  options: TargetSearchOptions,
): Promise<Outcome> {
  options.signal.throwIfAborted();
  options.onPart?.({ name, isDone: false, targets: [], groups: [] });
  const problems: Outcome['problems'][number][] = [];
  const groups: FoundGroup[] = [];
  const own: TargetSearchOptions = {
    ...options,
    onProblem: (problem, action) => problems.push([problem, action]),
    onGroup: (group) => groups.push(group),
  };
  const targets = await orNone(name, search(own), own, finish);
  const [first] = problems;
  options.onPart?.({
    name,
    isDone: true,
    targets,
    groups,
    ...(first && { problem: first[0] }),
  });
  return { targets, groups, problems };
}
