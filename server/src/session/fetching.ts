import type { EvaluationError, EvaluationErrorAction } from '../model/evaluationError.ts';
import { describeFailure } from '../nix/describeFailure.ts';
import type { Run } from './evaluationRun.ts';
import type { NixConnection } from './parts.ts';
import { fetching, type Runs } from './runs.ts';
import type { StateStore } from './stateStore.ts';
import type { TargetSearch } from './targetSearch.ts';
import { runOptions } from './workspace.ts';

/** What is missing could not be fetched; the message says why. */
export class FetchError extends Error {
  override readonly name = 'FetchError';
}

export interface FetchingParts {
  readonly store: StateStore;
  readonly runs: Runs;
  readonly targets: Pick<TargetSearch, 'find' | 'invalidate'>;
  readonly nix: () => NixConnection;
  /** Evaluates all anew. */
  readonly evaluate: () => void;
}

/** Downloads what is missing, where somebody asked for it. */
export class Fetching {
  readonly #parts: FetchingParts;

  constructor(parts: FetchingParts) {
    this.#parts = parts;
  }

  /**
   * Downloads what actions are about, and evaluates all anew.
   *
   * @param wanted cancels it
   * @throws FetchError when that fails, or when another one is started before it has ended
   */
  async fetch(missing: readonly EvaluationErrorAction[], wanted: AbortSignal): Promise<void> {
    const { store, runs, targets, evaluate } = this.#parts;
    let errors: readonly EvaluationError[] = [];
    const outcome = { isSuperseded: false };
    store.send('fetch-started', {});
    runs.launch(fetching, {
      label: '',
      work: async (run) => {
        const isOfFlakes = missing.every(({ kind }) => kind === 'fetch-inputs');
        run.step = isOfFlakes ? 'fetching the inputs of the flake' : 'fetching what is missing';
        const signal = AbortSignal.any([run.signal, wanted]);
        for (const action of missing)
          if (errors.length === 0 && !signal.aborted) errors = await this.#fetchOne(action, run, signal);
        if (!runs.isCurrent(fetching, run)) {
          // Somebody who cancelled it has left no other in its place.
          outcome.isSuperseded = runs.current(fetching) !== undefined;
          return;
        }
        runs.finish(fetching, run);
        store.send('fetch-ended', {});
        if (errors.length > 0 || signal.aborted) return;
        targets.invalidate();
        evaluate();
      },
      show: ({ step }) => store.send('fetch-stepped', { step }),
    });
    await runs.current(fetching)?.settled;
    if (outcome.isSuperseded)
      throw new FetchError('It was not fetched: another download was started meanwhile.');
    const [first] = errors;
    if (first) throw new FetchError(`It could not be fetched. ${first.message} ${first.advice ?? ''}`.trim());
  }

  /** @returns why it failed; empty where it did not, or was cancelled */
  async #fetchOne(
    action: EvaluationErrorAction,
    run: Run,
    signal: AbortSignal,
  ): Promise<readonly EvaluationError[]> {
    switch (action.kind) {
      case 'lock':
      case 'allow-path':
        return [];
      case 'fetch-inputs':
        return fetchFlakeInputs(action.flake, this.#parts.nix(), signal);
      case 'fetch':
        return this.#fetchForEvaluations(run, signal);
    }
  }

  /** What the evaluations that failed want from the network, else what the search for targets wants. */
  async #fetchForEvaluations(run: Run, signal: AbortSignal): Promise<readonly EvaluationError[]> {
    const { store, nix, targets } = this.#parts;
    const { snapshot } = store;
    for (const evaluation of snapshot.evaluations) {
      const { entry, evaluateAs, failure } = evaluation;
      if (!failure?.errors.some((error) => error.action?.kind === 'fetch')) continue;
      const request = { target: entry.target, ...(evaluateAs !== undefined && { evaluateAs }) };
      const options = { ...runOptions(run, evaluation, snapshot), signal };
      const errors = await nix().evaluator.fetch(request, options);
      if (errors.length > 0 || signal.aborted) return errors;
    }
    if (snapshot.searchAction?.kind === 'fetch') await targets.find(signal, undefined, 'allowed');
    return [];
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
