import type { NixEnvironment } from '../nix/nixEnvironment.ts';
import type { Evaluator, RunOutcome } from '../running/evaluator.ts';
import type { RunOptions } from '../running/runParts.ts';
import type { EvaluationError } from '../model/evaluationError.ts';
import type { EvaluationRequest } from '../model/target.ts';
import { describeFailure } from '../nix/describeFailure.ts';
import { fetchInputs } from '../nix/fetchInputs.ts';

export type FetchOptions = Pick<RunOptions, 'signal' | 'limits'>;

/** First the inputs of a flake are missing, then what it downloads itself. */
const mostRounds = 3;

/** Evaluates; where something has to be fetched, fetches it and evaluates again. */
export async function runAndFetch(
  request: EvaluationRequest,
  options: RunOptions,
  evaluator: Pick<Evaluator, 'run' | 'fetch'>,
  environment: (signal: AbortSignal) => Promise<NixEnvironment>,
): Promise<RunOutcome> {
  let outcome = await evaluator.run(request, options);
  for (let round = 0; round < mostRounds; round++) {
    const actions = (outcome.kind === 'failed' ? outcome.errors : []).flatMap(({ action }) => action ?? []);
    const flakes = new Set(actions.flatMap((action) => (action.kind === 'fetch-inputs' ? action.flake : [])));
    if (flakes.size === 0 && !actions.some(({ kind }) => kind === 'fetch')) return outcome;
    let errors: readonly EvaluationError[] = [];
    if (flakes.size === 0) errors = await evaluator.fetch(request, options);
    else {
      try {
        for (const flake of flakes) await fetchAll(flake, await environment(options.signal), options);
      } catch (error) {
        errors = describeFailure(error, () => false);
      }
    }
    if (options.signal.aborted) return { kind: 'cancelled' };
    if (errors.length > 0) return { kind: 'failed', errors };
    outcome = await evaluator.run(request, options);
  }
  return outcome;
}

/**
 * Fetches the inputs of a flake.
 *
 * @param flake absolute path of its directory
 * @throws NixFailure
 */
export function fetchAll(
  flake: string,
  { nix }: NixEnvironment,
  { signal, limits: { timeoutMs, memoryLimitMiB } }: FetchOptions,
): Promise<void> {
  return fetchInputs(nix, flake, { signal, timeoutMs, memoryLimitMiB });
}
