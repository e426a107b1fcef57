import type { RunOptions } from '../running/evaluator.ts';
import type { EvaluationError, EvaluationErrorAction } from '../model/evaluationError.ts';
import { describeFailure } from '../nix/errors.ts';
import type { NixConnection } from './parts.ts';
import type { Evaluation, Snapshot } from '../snapshot/snapshot.ts';
import type { Targets } from './targets.ts';

/**
 * Downloads what an action is about: the inputs of a flake, or what the
 * evaluations that failed want from the network, else what the search for
 * targets wants.
 *
 * @param signal cancels it
 * @param optionsOf how an evaluation may be run
 * @returns why it failed; empty where it did not, or was cancelled
 */
export async function fetchMissing(
  action: EvaluationErrorAction,
  snapshot: Snapshot,
  nix: NixConnection,
  targets: Pick<Targets, 'find'>,
  signal: AbortSignal,
  optionsOf: (evaluation: Evaluation) => RunOptions,
): Promise<readonly EvaluationError[]> {
  switch (action.kind) {
    case 'lock':
    case 'allow-path':
      return [];
    case 'fetch-inputs':
      return fetchFlakeInputs(action.flake, nix, signal);
    case 'fetch':
      return fetchForEvaluations(snapshot, nix, targets, signal, optionsOf);
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
  signal: AbortSignal,
  optionsOf: (evaluation: Evaluation) => RunOptions,
): Promise<readonly EvaluationError[]> {
  for (const evaluation of evaluations) {
    const { entry, evaluateAs, failure } = evaluation;
    if (!failure?.errors.some((error) => error.action?.kind === 'fetch')) continue;
    const request = { target: entry.target, ...(evaluateAs !== undefined && { evaluateAs }) };
    const errors = await nix.evaluator.fetch(request, { ...optionsOf(evaluation), signal });
    if (errors.length > 0 || signal.aborted) return errors;
  }
  if (searchAction?.kind === 'fetch') await targets.find(signal, undefined, 'allowed');
  return [];
}
