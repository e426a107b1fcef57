import type { PolicedReport } from '../check/policy.ts';
import type { RunOptions } from '../running/runParts.ts';
import { labelOf, type Evaluation, type Snapshot } from '../snapshot/snapshot.ts';
import type { NixConnection, RepairPreferences, SessionParts } from './parts.ts';
import type { Runs } from './runs.ts';
import type { StateStore } from './stateStore.ts';
import type { Turns } from './turns.ts';
import { confinementOf, runOptions } from './workspace.ts';

/** Repairs are proven when all else is evaluated. */
const rankOfProofs = 1_000_000;

export interface ProvingParts extends Pick<SessionParts, 'logError'> {
  readonly store: StateStore;
  readonly runs: Runs;
  readonly turns: Turns;
  readonly nix: () => NixConnection;
}

/** Offers the repairs of reports, and then what their evaluation showed. */
export class Proving {
  readonly #parts: ProvingParts;

  constructor(parts: ProvingParts) {
    this.#parts = parts;
  }

  /** Starts to prove the repairs of a report whose run ended before, where that is still to be done. */
  start(evaluation: Evaluation): void {
    const { runs, store } = this.#parts;
    const { key, evaluated, failure } = evaluation;
    if (!evaluated?.isToBeProven || failure) return;
    runs.launch(key, {
      label: labelOf(evaluation),
      work: (run) => this.prove(key, evaluated.report, runOptions(run, evaluation, store.snapshot)),
      show: () => undefined,
    });
  }

  /** As part of a run that is under way. */
  async prove(key: string, report: PolicedReport, options: RunOptions): Promise<void> {
    try {
      await this.#findFixes(key, report, options);
    } catch (error) {
      if (options.signal.aborted) return;
      this.#parts.logError('The repairs could not be checked.', error);
      this.#parts.store.send('fixes-left', { key });
    }
  }

  async #findFixes(key: string, report: PolicedReport, options: RunOptions): Promise<void> {
    const { store, turns } = this.#parts;
    const { signal } = options;
    const nix = this.#parts.nix();
    const candidates = await nix.proposeFixes(report, preferencesOf(store.snapshot));
    const isToBeProven = candidates.length > 0;
    if (!signal.aborted) store.send('fixes-found', { key, report, fixes: candidates, isToBeProven });
    if (!isToBeProven) return;
    const turn = await turns.take(() => rankOfProofs, signal);
    try {
      await this.#proveAll(report, options);
    } finally {
      turn[Symbol.dispose]();
    }
  }

  /** Proves the repairs of a report, and with them those of all others for which that is still to be done. */
  async #proveAll(report: PolicedReport, options: RunOptions): Promise<void> {
    const { store } = this.#parts;
    const { snapshot } = store;
    const evaluations = snapshot.evaluations.flatMap(({ evaluated, ...evaluation }) =>
      evaluated && !evaluation.failure ? [{ ...evaluation, evaluated }] : [],
    );
    const open = evaluations.filter(({ evaluated }) => evaluated.isToBeProven);
    if (!open.some(({ evaluated }) => evaluated.report === report)) return;
    options.onProgress?.('checking the repairs');
    // What one target may name says nothing of another one.
    const { workspaceRoots, directory, signal, limits } = options;
    const shared: RunOptions = { workspaceRoots, directory, signal, limits };
    const wanted = new Set(open.map(({ evaluated }) => evaluated.report));
    const subjects = evaluations.map((evaluation) => ({
      label: labelOf(evaluation),
      report: evaluation.evaluated.report,
      options: { ...shared, ...confinementOf(evaluation.entry, snapshot) },
    }));
    const preferences = preferencesOf(snapshot);
    const proven = await this.#parts.nix().proveFixes(subjects, (of) => wanted.has(of), signal, preferences);
    if (signal.aborted) return;
    for (const { key, evaluated } of open)
      store.send('fixes-found', {
        key,
        report: evaluated.report,
        fixes: proven.get(evaluated.report) ?? [],
        isToBeProven: false,
      });
  }
}

function preferencesOf({ settings }: Snapshot): RepairPreferences {
  return {
    timeLimitMs: settings['repairs.timeLimit'] * 1000,
    buildPackageSet: settings['repairs.buildPackageSet'],
  };
}
