import type { NixEnvironment } from '../evaluation/environment.ts';
import type { Evaluator, RunOptions, RunOutcome } from '../evaluation/run.ts';
import type { EvaluationRequest } from '../model/target.ts';
import { describeFailure } from '../nix/errors.ts';
import { fetchInputs, requireInputs } from '../nix/flakeInputs.ts';
import { MissingInputsError } from '../nix/missingInputs.ts';

export type FetchOptions = Pick<RunOptions, 'signal' | 'limits'>;

/** Evaluates; where only flake inputs are missing, fetches them and evaluates again. */
export async function runWithInputs(
  request: EvaluationRequest,
  options: RunOptions,
  evaluator: Pick<Evaluator, 'run'>,
  environment: (signal: AbortSignal) => Promise<NixEnvironment>,
): Promise<RunOutcome> {
  const outcome = await evaluator.run(request, options);
  const errors = outcome.kind === 'failed' ? outcome.errors : [];
  const flakes = new Set(
    errors.flatMap(({ action }) => (action?.kind === 'fetch-inputs' ? action.flake : [])),
  );
  if (flakes.size === 0) return outcome;
  try {
    for (const flake of flakes) await fetchAll(flake, await environment(options.signal), options);
  } catch (error) {
    if (options.signal.aborted) return { kind: 'cancelled' };
    return { kind: 'failed', errors: describeFailure(error, () => false) };
  }
  return evaluator.run(request, options);
}

/**
 * Fetches what of a flake's locked inputs is not on this machine.
 *
 * @param flake absolute path of its directory
 * @throws NixFailure
 */
export async function fetchMissing(
  flake: string,
  environment: NixEnvironment,
  options: FetchOptions,
): Promise<void> {
  try {
    await requireInputs(flake);
  } catch (error) {
    if (!(error instanceof MissingInputsError)) throw error;
    await fetchAll(flake, environment, options);
  }
}

function fetchAll(flake: string, { nix }: NixEnvironment, { signal, limits }: FetchOptions): Promise<void> {
  return fetchInputs(nix, flake, { signal, timeoutMs: limits.timeoutMs });
}
