import { EventEmitter } from 'node:events';
import { availableParallelism } from 'node:os';

import type { PolicedReport } from '../check/policy.ts';
import type { RunOptions } from '../running/evaluator.ts';
import type { EvaluationError, EvaluationErrorAction } from '../model/evaluationError.ts';
import { fetchMissing } from './fetchMissing.ts';
import { findFixes, publishFailure, publishReport } from './outcomes.ts';
import type { NixConnection, SessionParts } from './parts.ts';
import { suppressionReader } from './policies.ts';
import { Run, waiting, type RunEnd } from './run.ts';
import { hasOutcome, labelOf, noTargetMessage, type Evaluation } from '../snapshot/snapshot.ts';
import type { Store } from './store.ts';
import type { Targets } from './targets.ts';
import { Turns } from './turns.ts';
import { confinementOf, limitsOfSettings, workspaceFolders, savedTexts } from './workspace.ts';

/** An evaluation keeps two processes busy, the plain one and the probed one. */
const mostAtOnce = Math.max(1, Math.floor(availableParallelism() / 2));

/** Repairs are proven when all else is evaluated. */
const rankOfProofs = 1_000_000;

/** Where the targets are looked for, before there is any evaluation. */
const preparation = Symbol('preparation');
/** Where the inputs of a flake are downloaded. */
const fetching = Symbol('fetching');
type RunKey = string | typeof preparation | typeof fetching;

/** What is missing could not be fetched; the message says why. */
export class FetchError extends Error {
  override readonly name = 'FetchError';
}

/** Runs the evaluations, few at a time. Of one evaluation there is one run: the newest wins. */
export class Runs {
  readonly #store: Store;
  readonly #targets: Targets;
  readonly #nix: () => NixConnection;
  readonly #logError: SessionParts['logError'];
  readonly #readSuppressions: ReturnType<typeof suppressionReader>;
  readonly #events = new EventEmitter<{ start: [run: Run]; end: [end: RunEnd]; settled: [] }>();
  readonly #turns = new Turns(mostAtOnce);
  readonly #current = new Map<RunKey, Run>();
  /** Those that are under way, and those that are cancelled and not over yet. */
  readonly #unsettled = new Set<Run>();
  #isDisposed = false;

  constructor(
    store: Store,
    targets: Targets,
    nix: () => NixConnection,
    parts: Pick<SessionParts, 'loadParser' | 'logError'>,
  ) {
    this.#store = store;
    this.#targets = targets;
    this.#nix = nix;
    this.#logError = parts.logError;
    this.#readSuppressions = suppressionReader(parts);
  }

  onStart(listener: (run: Run) => void): void {
    this.#events.on('start', listener);
  }

  /** Tells of each evaluation as it ends, also of one whose result is not wanted any more. */
  onEnd(listener: (end: RunEnd) => void): void {
    this.#events.on('end', listener);
  }

  /** Tells when an evaluation has got its report or its failure. */
  onOutcome(listener: () => void): void {
    this.#events.on('settled', listener);
  }

  /** Starts all evaluations anew; where there are none, looks for targets first. */
  start(): void {
    this.#dropForgotten();
    const { evaluations } = this.#store.snapshot;
    if (evaluations.length === 0) this.#prepare();
    else for (const { key } of evaluations) this.#startOne(key);
  }

  /**
   * Downloads what is missing, and evaluates all anew.
   *
   * @param wanted cancels it
   * @throws FetchError when that fails, or when another one is started before it has ended
   */
  async fetchMissing(missing: readonly EvaluationErrorAction[], wanted: AbortSignal): Promise<void> {
    let errors: readonly EvaluationError[] = [];
    let isSuperseded = false;
    this.#store.update({ preparing: { step: 'starting' }, notice: undefined });
    const work = async (run: Run): Promise<void> => {
      const isOfFlakes = missing.every(({ kind }) => kind === 'fetch-inputs');
      run.step = isOfFlakes ? 'fetching the inputs of the flake' : 'fetching what is missing';
      const signal = AbortSignal.any([run.signal, wanted]);
      const { snapshot } = this.#store;
      const optionsOf = (evaluation: Evaluation): RunOptions => this.#options(run, evaluation);
      for (const action of missing)
        if (errors.length === 0 && !signal.aborted)
          errors = await fetchMissing(action, snapshot, this.#nix(), this.#targets, signal, optionsOf);
      if (!this.#isCurrent(fetching, run)) {
        // Somebody who cancelled it has left no other in its place.
        isSuperseded = this.#current.has(fetching);
        return;
      }
      this.#current.delete(fetching);
      this.#store.update({ preparing: undefined }, 'run');
      if (errors.length > 0 || signal.aborted) return;
      this.#targets.invalidate();
      this.start();
    };
    this.#launch(fetching, '', work, ({ step }) => this.#store.update({ preparing: { step } }, 'run'));
    await this.#current.get(fetching)?.settled;
    if (isSuperseded) throw new FetchError('It was not fetched: another download was started meanwhile.');
    const [first] = errors;
    if (first) throw new FetchError(`It could not be fetched. ${first.message} ${first.advice ?? ''}`.trim());
  }

  /**
   * Starts those that have no run, no report of this session and no failure, and proves the repairs of reports
   * whose run ended before; ends those that are not active any more.
   *
   * @param wanted `unasked`: nobody asked for it just now, and what somebody cancelled stays so
   */
  startMissing(wanted: 'asked' | 'unasked'): void {
    this.#dropForgotten();
    for (const evaluation of this.#store.snapshot.evaluations) {
      if (this.#current.has(evaluation.key)) continue;
      if (hasOutcome(evaluation)) this.#proveOne(evaluation);
      else if (wanted === 'asked' || !evaluation.notice) this.#startOne(evaluation.key);
    }
  }

  /** Proves the repairs of reports that became other ones without a run; what is under way for them starts anew. */
  proveAgain(keys: ReadonlySet<string>): void {
    for (const evaluation of this.#store.snapshot.evaluations)
      if (keys.has(evaluation.key) && !evaluation.running) this.#proveOne(evaluation);
  }

  /** Cancels the runs that are under way; `only`: this one and no newer one. */
  cancel(only?: Run): void {
    for (const [key, run] of [...this.#current]) {
      if (only && only !== run) continue;
      this.#current.delete(key);
      run.cancel();
      this.#noteCancelled(key);
    }
  }

  /** Cancels what is under way; settles when all runs have cleaned up behind themselves. */
  async dispose(): Promise<void> {
    this.#isDisposed = true;
    for (const run of this.#current.values()) run.cancel();
    this.#current.clear();
    this.#events.removeAllListeners();
    await Promise.all([...this.#unsettled].map(({ settled }) => settled));
  }

  #dropForgotten(): void {
    const { evaluations } = this.#store.snapshot;
    for (const [key, run] of [...this.#current]) {
      if (key === fetching) continue;
      if (key === preparation ? evaluations.length === 0 : evaluations.some((one) => one.key === key))
        continue;
      this.#current.delete(key);
      run.cancel();
      if (key === preparation) this.#store.update({ preparing: undefined }, 'run');
    }
  }

  #launch(key: RunKey, label: string, work: (run: Run) => Promise<void>, show: (run: Run) => void): void {
    if (this.#isDisposed) return;
    this.#current.get(key)?.cancel();
    const run = new Run(label, async (started) => {
      try {
        await work(started);
      } catch (error) {
        this.#logError('A run ended unexpectedly.', error);
      } finally {
        if (this.#isCurrent(key, started)) this.#current.delete(key);
      }
    });
    this.#current.set(key, run);
    this.#unsettled.add(run);
    void run.settled.then(() => this.#unsettled.delete(run));
    run.onStep(() => {
      if (this.#isCurrent(key, run)) show(run);
    });
    show(run);
    this.#events.emit('start', run);
  }

  #isCurrent(key: RunKey, run: Run): boolean {
    return this.#current.get(key) === run;
  }

  #prepare(): void {
    this.#store.update({ preparing: { step: 'starting' }, notice: undefined });
    this.#launch(
      preparation,
      '',
      (run) => this.#findTargets(run),
      ({ step }) => {
        if (this.#store.snapshot.preparing) this.#store.update({ preparing: { step } }, 'run');
      },
    );
  }

  async #findTargets(run: Run): Promise<void> {
    run.step = 'looking for targets';
    await this.#targets.find(run.signal);
    if (!this.#isCurrent(preparation, run)) return;
    this.#current.delete(preparation);
    this.#store.update({ preparing: undefined });
    if (this.#store.snapshot.evaluations.length > 0) this.startMissing('unasked');
    else {
      const notice = { message: noTargetMessage(this.#store.snapshot), problem: 'no-target' } as const;
      this.#store.update({ notice }, 'run');
    }
  }

  #startOne(key: string): void {
    const evaluation = this.#store.evaluation(key);
    if (!evaluation) return;
    this.#store.updateEvaluation(key, { running: { step: 'starting' }, notice: undefined });
    this.#launch(
      key,
      labelOf(evaluation),
      (run) => this.#carryOut(key, run),
      ({ step }) => {
        if (this.#store.evaluation(key)?.running)
          this.#store.updateEvaluation(key, { running: { step } }, 'run');
      },
    );
  }

  #proveOne(evaluation: Evaluation): void {
    const { key, evaluated, failure } = evaluation;
    if (!evaluated?.isToBeProven || failure) return;
    const work = (run: Run): Promise<void> =>
      this.#findFixes(key, evaluated.report, this.#options(run, evaluation));
    this.#launch(key, labelOf(evaluation), work, () => undefined);
  }

  async #carryOut(key: string, run: Run): Promise<void> {
    const isCurrent = (): boolean => this.#isCurrent(key, run);
    const saved = savedTexts(this.#store.snapshot);
    const evaluation = this.#store.evaluation(key);
    if (!evaluation) return;
    const options = this.#options(run, evaluation);
    try {
      const report = await this.#evaluate(key, run, options);
      if (!isCurrent()) return;
      if (report) await this.#readBuildConfiguration();
      const isLast = !this.#store.snapshot.evaluations.some(({ running }) => running);
      const isSearched = isLast && !this.#nix().isUnavailable();
      await Promise.all([
        ...(report ? [this.#findFixes(key, report, options)] : []),
        ...(isSearched ? [this.#targets.find(run.signal)] : []),
      ]);
    } catch (error) {
      if (!isCurrent()) return;
      this.#logError('The evaluation failed unexpectedly.', error);
      const message = `Something went wrong in Nix Platform Lens itself: ${messageOf(error)}`;
      publishFailure(this.#store, key, [{ message }], saved, this.#nix().isUnavailable());
      this.#events.emit('settled');
    }
  }

  /** @returns the report, where there is one that is still wanted */
  async #evaluate(key: string, run: Run, options: RunOptions): Promise<PolicedReport | undefined> {
    if (this.#turns.isFull) run.step = waiting;
    const turn = await this.#turns.take(() => this.#rankOf(key), run.signal);
    try {
      return await this.#evaluateNow(key, run, options);
    } finally {
      turn[Symbol.dispose]();
    }
  }

  async #evaluateNow(key: string, run: Run, options: RunOptions): Promise<PolicedReport | undefined> {
    const isCurrent = (): boolean => this.#isCurrent(key, run);
    const { diskGeneration } = this.#store.snapshot;
    const saved = savedTexts(this.#store.snapshot);
    const evaluation = this.#store.evaluation(key);
    if (!evaluation || !isCurrent()) return undefined;
    const { entry, evaluateAs } = evaluation;
    const request = {
      target: entry.target,
      ...(evaluateAs !== undefined && { evaluateAs }),
      ...(entry.expect !== undefined && { expect: entry.expect }),
    };
    const nix = this.#nix();
    const started = performance.now();
    const outcome = await nix.evaluator.run(request, options);
    const milliseconds = Math.round(performance.now() - started);
    this.#events.emit('end', { label: entry.label, evaluateAs, outcome, milliseconds, nix: nix.found() });
    if (!isCurrent()) return undefined;
    switch (outcome.kind) {
      case 'cancelled':
        this.#noteCancelled(key);
        return undefined;
      case 'failed': {
        const isReplaced = await this.#targets.replaceGone(evaluation, run.signal);
        // The failure is shown at the target.
        if (!isReplaced) await this.#placeTargets();
        if (!isCurrent()) return undefined;
        if (isReplaced) this.startMissing('unasked');
        else publishFailure(this.#store, key, outcome.errors, saved, nix.isUnavailable());
        break;
      }
      case 'report': {
        const suppressions = await this.#readSuppressions(outcome.report);
        if (!isCurrent()) return undefined;
        publishReport(this.#store, key, { found: outcome.report, suppressions }, saved, diskGeneration);
      }
    }
    this.#events.emit('settled');
    return outcome.kind === 'report' ? this.#store.evaluation(key)?.evaluated?.report : undefined;
  }

  /** What is open in the editor comes first; then in the order in which they were chosen. */
  #rankOf(key: string): number {
    const { evaluations, documents } = this.#store.snapshot;
    const index = evaluations.findIndex((evaluation) => evaluation.key === key);
    const { entry, evaluated } = evaluations[index] ?? {};
    const target = entry?.target;
    const files = [
      ...(entry?.source ? [entry.source.file] : []),
      ...(target?.kind === 'file' ? [target.file] : []),
      ...(evaluated?.report.observations.map(({ source }) => source.file) ?? []),
    ];
    return index + (files.some((file) => documents.has(file)) ? 0 : evaluations.length);
  }

  #options(run: Run, { entry }: Evaluation): RunOptions {
    const { snapshot } = this.#store;
    const workspaceRoots = workspaceFolders(snapshot);
    return {
      workspaceRoots,
      directory: workspaceRoots[0] ?? process.cwd(),
      signal: run.signal,
      onProgress: (step) => (run.step = step),
      limits: limitsOfSettings(snapshot),
      ...confinementOf(entry, snapshot),
    };
  }

  async #findFixes(key: string, report: PolicedReport, options: RunOptions): Promise<void> {
    const takeTurn = (): Promise<Disposable> => this.#turns.take(() => rankOfProofs, options.signal);
    try {
      await findFixes(this.#store, this.#nix(), key, report, options, takeTurn);
    } catch (error) {
      if (options.signal.aborted) return;
      this.#logError('The repairs could not be checked.', error);
      this.#leaveUnproven(key);
    }
  }

  async #placeTargets(): Promise<void> {
    try {
      await this.#targets.placeNamed();
    } catch (error) {
      this.#logError('The targets could not be found in their files.', error);
    }
  }

  async #readBuildConfiguration(): Promise<void> {
    if (this.#store.snapshot.buildConfiguration) return;
    const nix = this.#nix();
    try {
      const buildConfiguration = await nix.readBuildConfiguration();
      if (nix === this.#nix()) this.#store.update({ buildConfiguration });
    } catch (error) {
      this.#logError("Nix's settings could not be read.", error);
    }
  }

  /** What was cancelled or has failed is not tried again unasked. */
  #leaveUnproven(key: string): void {
    const evaluated = this.#store.evaluation(key)?.evaluated;
    if (evaluated)
      this.#store.updateEvaluation(key, { evaluated: { ...evaluated, isToBeProven: false } }, 'run');
  }

  #noteCancelled(key: RunKey): void {
    if (typeof key === 'symbol') {
      this.#store.update({ preparing: undefined, notice: cancelled }, 'run');
      return;
    }
    this.#leaveUnproven(key);
    if (this.#store.evaluation(key)?.running)
      this.#store.updateEvaluation(key, { running: undefined, notice: cancelled }, 'run');
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const cancelled = { message: 'The evaluation was cancelled.' };
