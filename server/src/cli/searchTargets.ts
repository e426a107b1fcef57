import type { NixEnvironment } from '../nix/nixEnvironment.ts';
import type { RunLimits } from '../model/runLimits.ts';
import { findTargets } from '../targets/search/findTargets.ts';
import type { FoundTarget } from '../targets/search/found.ts';
import type { EvaluationErrorAction } from '../model/evaluationError.ts';
import { Deadline } from '../nix/deadline.ts';
import { CommandFailure } from './commandEnvironment.ts';
import { fetchAll } from './runAndFetch.ts';

interface SearchOptions {
  readonly limits: RunLimits;
  readonly signal: AbortSignal;
  /** Somebody asked that what is missing be fetched. */
  readonly fetch: boolean;
  /** The label of the one target that is wanted; undefined: all of them. */
  readonly wanted: string | undefined;
  readonly warn: (message: string) => void;
}

interface Search {
  readonly targets: readonly FoundTarget[];
  readonly problems: readonly { readonly text: string; readonly action: EvaluationErrorAction | undefined }[];
}

/**
 * Looks for targets in a folder, with one limit of time for all of it. Where
 * something has to be fetched to find what is wanted, and somebody asked for
 * it, it is fetched, and looked for again.
 *
 * @throws CommandFailure where it takes too long, or something could not be fetched
 */
export async function searchTargets(
  root: string,
  environment: NixEnvironment,
  options: SearchOptions,
): Promise<readonly FoundTarget[]> {
  const { wanted, warn } = options;
  let search = await searchOnce(root, environment, options);
  const isFound = wanted !== undefined && search.targets.some(({ label }) => label === wanted);
  if (options.fetch && !isFound) {
    const actions = search.problems.flatMap(({ action }) => action ?? []);
    const flakes = new Set(actions.flatMap((action) => (action.kind === 'fetch-inputs' ? action.flake : [])));
    for (const flake of flakes) await fetchAll(flake, environment, options);
    const isNeeded = actions.some(({ kind }) => kind === 'fetch');
    const limits: RunLimits = isNeeded ? { ...options.limits, network: 'allowed' } : options.limits;
    if (isNeeded || flakes.size > 0) search = await searchOnce(root, environment, { ...options, limits });
  }
  for (const { text } of search.problems) warn(text);
  return search.targets;
}

async function searchOnce(
  root: string,
  environment: NixEnvironment,
  { limits, signal }: SearchOptions,
): Promise<Search> {
  using deadline = new Deadline(limits.timeoutMs);
  const problems: { text: string; action: EvaluationErrorAction | undefined }[] = [];
  try {
    const targets = await findTargets(root, environment, {
      limits,
      signal: AbortSignal.any([signal, deadline.signal]),
      onProblem: (text, action) => problems.push({ text, action }),
    });
    return { targets, problems };
  } catch (error) {
    if (signal.aborted || !deadline.signal.aborted) throw error;
    throw new CommandFailure(
      `the search for targets did not end within ${limits.timeoutMs / 1000} s: name those that matter in a file .nix-platform-lens.json, or raise the limit with --timeout`,
    );
  }
}
