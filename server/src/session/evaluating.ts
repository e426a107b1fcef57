import { readSuppressionsOf } from '../attribution/findSuppressions.ts';
import type { PolicedReport } from '../check/policy.ts';
import type { EvaluationError } from '../model/evaluationError.ts';
import type { RunOutcome } from '../running/evaluator.ts';
import type { RunOptions } from '../running/runParts.ts';
import { labelOf, type Evaluation } from '../snapshot/snapshot.ts';
import { readBuildConfiguration } from './readBuildConfiguration.ts';
import type { DiskTexts } from './diskTexts.ts';
import { filesBehind, rankOf } from './evaluationFiles.ts';
import { waiting, type Run } from './evaluationRun.ts';
import type { NixConnection, SessionParts } from './parts.ts';
import { policeAhead } from './policies.ts';
import type { Proving } from './proving.ts';
import type { Runs } from './runs.ts';
import type { StateStore } from './stateStore.ts';
import type { TargetChoice } from './targetChoice.ts';
import type { TargetSearch } from './targetSearch.ts';
import type { Turns } from './turns.ts';
import { runOptions } from './workspace.ts';

/** An evaluation that failed while its files changed is made again so often. */
const mostAttempts = 3;

export interface EvaluatingParts extends Pick<SessionParts, 'loadParser' | 'logError'> {
  readonly store: StateStore;
  readonly runs: Runs;
  readonly turns: Turns;
  readonly targets: TargetSearch;
  readonly choice: TargetChoice;
  readonly proving: Proving;
  readonly disk: DiskTexts;
  readonly nix: () => NixConnection;
  /** Told where other targets are active now, because the file of one is gone. */
  readonly onReplaced: () => void;
}

/** Evaluates a target from what is on disk, and tells what came of it. */
export class Evaluating {
  readonly #parts: EvaluatingParts;

  constructor(parts: EvaluatingParts) {
    this.#parts = parts;
  }

  /** Starts an evaluation, in the place of one that is under way. */
  start(key: string): void {
    const { store, runs } = this.#parts;
    const evaluation = store.evaluation(key);
    if (!evaluation) return;
    store.together(() => {
      store.send('run-started', { key });
      runs.launch(key, {
        label: labelOf(evaluation),
        work: (run) => this.#carryOut(key, run),
        show: ({ step }) => store.send('run-stepped', { key, step }),
      });
    });
  }

  async #carryOut(key: string, run: Run): Promise<void> {
    const { store, runs, targets, proving, nix, logError } = this.#parts;
    const isCurrent = (): boolean => runs.isCurrent(key, run);
    const evaluation = store.evaluation(key);
    if (!evaluation) return;
    const options = runOptions(run, evaluation, store.snapshot);
    try {
      const report = await this.#inTurn(key, run, options);
      if (!isCurrent()) return;
      if (report) await readBuildConfiguration(this.#parts);
      const isLast = !store.snapshot.evaluations.some(({ running }) => running);
      const isSearched = isLast && !nix().isUnavailable();
      await Promise.all([
        ...(report ? [proving.prove(key, report, options)] : []),
        ...(isSearched ? [targets.find(run.signal)] : []),
      ]);
    } catch (error) {
      if (!isCurrent()) return;
      logError('The evaluation failed unexpectedly.', error);
      const message = `Something went wrong in Nix Platform Lens itself: ${error instanceof Error ? error.message : String(error)}`;
      this.#tellFailure(key, [{ message }], new Map(), store.snapshot.diskGeneration);
    }
  }

  /** @returns the report, where there is one that is still wanted */
  async #inTurn(key: string, run: Run, options: RunOptions): Promise<PolicedReport | undefined> {
    const { turns, store } = this.#parts;
    if (turns.isFull) run.step = waiting;
    const turn = await turns.take(() => rankOf(key, store.snapshot), run.signal);
    try {
      for (let attempt = 1; ; attempt += 1) {
        const isLast = attempt === mostAttempts;
        const { report, isAgain } = await this.#evaluate(key, run, options, isLast);
        if (!isAgain) return report;
      }
    } finally {
      turn[Symbol.dispose]();
    }
  }

  /** @param isLast what failed is told although its files changed meanwhile */
  async #evaluate(
    key: string,
    run: Run,
    options: RunOptions,
    isLast: boolean,
  ): Promise<{ readonly report?: PolicedReport | undefined; readonly isAgain?: true }> {
    const { store, runs, disk } = this.#parts;
    const isCurrent = (): boolean => runs.isCurrent(key, run);
    const evaluation = store.evaluation(key);
    if (!evaluation || !isCurrent()) return {};
    const before = await disk.read(filesBehind(evaluation, store.snapshot), 'evaluated', key);
    if (!isCurrent()) return {};
    const { diskGeneration } = store.snapshot;
    const outcome = await this.#run(evaluation, options);
    if (!isCurrent()) return {};
    switch (outcome.kind) {
      case 'cancelled':
        store.send('run-cancelled', { key });
        return {};
      case 'failed': {
        // Nobody tells which text Nix read: what stood there before and after is that text.
        const files = [...before.keys(), ...outcome.errors.flatMap(({ source }) => source?.file ?? [])];
        const texts = await disk.read(files, 'evaluated', key);
        if (!isCurrent()) return {};
        const isOther = store.snapshot.diskGeneration !== diskGeneration;
        const isChanged = [...before].some(([file, text]) => texts.get(file) !== text);
        if (!isLast && (isOther || isChanged)) return { isAgain: true };
        await this.#fail(evaluation, run, outcome.errors, texts, store.snapshot.diskGeneration);
        return {};
      }
      case 'report': {
        const suppressions = await readSuppressionsOf(outcome.report, this.#parts.loadParser);
        await policeAhead(outcome.report, suppressions, store.snapshot);
        if (!isCurrent()) return {};
        const made = { found: outcome.report, suppressions, madeAt: new Date() };
        store.send('report-found', { key, ...made, texts: before, diskGeneration });
        return { report: store.evaluation(key)?.evaluated?.report };
      }
    }
  }

  async #run({ entry, evaluateAs }: Evaluation, options: RunOptions): Promise<RunOutcome> {
    const { runs, nix: connection } = this.#parts;
    const request = {
      target: entry.target,
      ...(evaluateAs !== undefined && { evaluateAs }),
      ...(entry.expect !== undefined && { expect: entry.expect }),
    };
    const nix = connection();
    const started = performance.now();
    const outcome = await nix.evaluator.run(request, options);
    const milliseconds = Math.round(performance.now() - started);
    runs.tellEnd({ label: entry.label, evaluateAs, outcome, milliseconds, nix: nix.found() });
    return outcome;
  }

  async #fail(
    evaluation: Evaluation,
    run: Run,
    errors: readonly EvaluationError[],
    texts: ReadonlyMap<string, string>,
    diskGeneration: number,
  ): Promise<void> {
    const { key } = evaluation;
    const { targets, choice, runs, logError, onReplaced } = this.#parts;
    const isReplaced = await choice.replaceGone(evaluation, run.signal);
    // The failure is shown at the target.
    if (!isReplaced) {
      await targets.list.placeNamed().catch((error: unknown) => {
        logError('The targets could not be found in their files.', error);
      });
    }
    if (!runs.isCurrent(key, run)) return;
    if (isReplaced) onReplaced();
    else this.#tellFailure(key, errors, texts, diskGeneration);
  }

  #tellFailure(
    key: string,
    errors: readonly EvaluationError[],
    texts: ReadonlyMap<string, string>,
    diskGeneration: number,
  ): void {
    const nixUnavailable = this.#parts.nix().isUnavailable();
    this.#parts.store.send('evaluation-failed', { key, errors, texts, diskGeneration, nixUnavailable });
  }
}
