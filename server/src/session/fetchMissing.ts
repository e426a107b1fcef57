import type { RunOptions } from '../evaluation/run.ts';
import type { EvaluationError, EvaluationErrorAction } from '../model/evaluationError.ts';
import { describeFailure } from '../nix/errors.ts';
import type { NixConnection } from './parts.ts';
import type { Snapshot } from './snapshot.ts';
import type { Targets } from './targets.ts';

/**
 * Downloads what an action is about: the inputs of a flake, or what the
 * evaluations that failed want from the network, else what the search for
 * targets wants.
 *
 * @returns why it failed; empty where it did not, or was cancelled
 */
export async function fetchMissing(
  action: EvaluationErrorAction,
  snapshot: Snapshot,
  nix: NixConnection,
  targets: Pick<Targets, 'find'>,
  options: RunOptions,
): Promise<readonly EvaluationError[]> {
  switch (action.kind) {
    case 'lock':
      return [];
    case 'fetch-inputs':
      return fetchFlakeInputs(action.flake, nix, options.signal);
    case 'fetch':
      return fetchForEvaluations(snapshot, nix, targets, options);
  }
}

async function fetchFlakeInputs(
  flake: string,
  nix: NixConnection,
  signal: AbortSignal,
): Promise<readonly EvaluationError[]> {
  try {
    await nix.fetchInputs(flake, signal);
    return [];
  } catch (error) {
    return signal.aborted ? [] : describeFailure(error, () => true);
  }
}

async function fetchForEvaluations(
  { evaluations, searchAction }: Snapshot,
  nix: NixConnection,
  targets: Pick<Targets, 'find'>,
  options: RunOptions,
): Promise<readonly EvaluationError[]> {
  for (const { entry, evaluateAs, failure } of evaluations) {
    if (!failure?.errors.some((error) => error.action?.kind === 'fetch')) continue;
    const request = { target: entry.target, ...(evaluateAs !== undefined && { evaluateAs }) };
    const errors = await nix.evaluator.fetch(request, options);
    if (errors.length > 0 || options.signal.aborted) return errors;
  }
  if (searchAction?.kind === 'fetch') await targets.find(options.signal, 'allowed');
  return [];
}
