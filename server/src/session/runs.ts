import { EventEmitter } from 'node:events';

import type { Report } from '../check/report.ts';
import type { EvaluationError } from '../model/evaluationError.ts';
import type { RunOptions } from '../evaluation/run.ts';
import type { Fix } from '../fixes/fix.ts';
import type { NixConnection, SessionParts } from './parts.ts';
import { RangeTracker } from './rangeTracker.ts';
import { Run, type RunEnd } from './run.ts';
import { noTargetMessage } from './snapshot.ts';
import type { Store } from './store.ts';
import type { Targets } from './targets.ts';
import { limitsOf, rootsOf, savedTexts } from './workspace.ts';

/** Starts runs of the active target, one at a time: the newest wins. */
export class Runs {
  readonly #store: Store;
  readonly #targets: Targets;
  readonly #nix: () => NixConnection;
  readonly #logError: SessionParts['logError'];
  readonly #events = new EventEmitter<{ start: [run: Run]; end: [end: RunEnd] }>();
  #current: Run | undefined;
  /** The one that is under way, and those that are cancelled and not over yet. */
  readonly #unsettled = new Set<Run>();
  #reports = 0;

  constructor(store: Store, targets: Targets, nix: () => NixConnection, logError: SessionParts['logError']) {
    this.#store = store;
    this.#targets = targets;
    this.#nix = nix;
    this.#logError = logError;
  }

  onStart(listener: (run: Run) => void): void {
    this.#events.on('start', listener);
  }

  /** Tells of each evaluation as it ends, also of one whose result is not wanted any more. */
  onEnd(listener: (end: RunEnd) => void): void {
    this.#events.on('end', listener);
  }

  /** Starts a run; the one that is under way is cancelled, and its result discarded. */
  start(): void {
    this.#current?.cancel();
    const run = new Run((started) => this.#carryOut(started));
    this.#current = run;
    this.#unsettled.add(run);
    void run.settled.then(() => this.#unsettled.delete(run));
    run.onStep((step) => {
      if (this.#current === run && this.#store.snapshot.running)
        this.#store.update({ running: { step } }, 'run');
    });
    this.#store.update({ running: { step: run.step }, notice: undefined }, 'run');
    this.#events.emit('start', run);
  }

  /** Cancels the run that is under way, if any; `only`: where it is that one. */
  cancel(only?: Run): void {
    const run = this.#current;
    if (!run || (only && only !== run)) return;
    this.#current = undefined;
    run.cancel();
    if (this.#store.snapshot.running) this.#store.update({ running: undefined, notice: cancelled }, 'run');
  }

  /** Cancels the run that is under way; settles when all runs have cleaned up behind themselves. */
  async dispose(): Promise<void> {
    this.#current?.cancel();
    this.#current = undefined;
    this.#events.removeAllListeners();
    await Promise.all([...this.#unsettled].map(({ settled }) => settled));
  }

  async #carryOut(run: Run): Promise<void> {
    const { diskGeneration } = this.#store.snapshot;
    const saved = savedTexts(this.#store.snapshot);
    const isCurrent = (): boolean => this.#current === run;
    try {
      if (!this.#store.snapshot.activeTarget) {
        run.step = 'looking for targets';
        await this.#targets.find(run.signal);
        if (!isCurrent()) return;
      }
      const { activeTarget, evaluateAs } = this.#store.snapshot;
      if (!activeTarget) {
        const notice = { message: noTargetMessage(this.#store.snapshot), problem: 'no-target' } as const;
        this.#store.update({ running: undefined, notice }, 'run');
        return;
      }
      const request = { target: activeTarget.target, ...(evaluateAs !== undefined && { evaluateAs }) };
      const options = this.#options(run);
      const nix = this.#nix();
      const started = performance.now();
      const outcome = await nix.evaluator.run(request, options);
      const milliseconds = Math.round(performance.now() - started);
      const { label } = activeTarget;
      this.#events.emit('end', { label, evaluateAs, outcome, milliseconds, nix: nix.found() });
      if (!isCurrent()) return;
      switch (outcome.kind) {
        case 'cancelled':
          this.#store.update({ running: undefined, notice: cancelled }, 'run');
          break;
        case 'failed': {
          const isReplaced = await this.#targets.replaceGone(run.signal);
          // The failure is shown at the target.
          if (!isReplaced) await this.#placeTargets();
          if (!isCurrent()) return;
          if (isReplaced) this.start();
          else this.#fail(outcome.errors, saved);
          break;
        }
        case 'report':
          this.#publish(outcome.report, saved, diskGeneration);
          await this.#readBuildConfiguration();
          await Promise.all([this.#findFixes(outcome.report, options), this.#targets.find(run.signal)]);
      }
    } catch (error) {
      if (!isCurrent()) return;
      this.#logError('The evaluation failed unexpectedly.', error);
      this.#fail(
        [{ message: `Something went wrong in Nix Platform Lens itself: ${messageOf(error)}` }],
        saved,
      );
    } finally {
      if (isCurrent()) this.#current = undefined;
    }
  }

  #options(run: Run): RunOptions {
    const { snapshot } = this.#store;
    const workspaceRoots = rootsOf(snapshot);
    return {
      workspaceRoots,
      directory: workspaceRoots[0] ?? process.cwd(),
      signal: run.signal,
      onProgress: (step) => (run.step = step),
      limits: limitsOf(snapshot),
    };
  }

  #publish(report: Report, saved: ReadonlyMap<string, string>, diskGeneration: number): void {
    this.#reports += 1;
    const ranges = RangeTracker.from(
      new Map([...saved, ...report.sources]),
      this.#store.snapshot.documents.values(),
    );
    const evaluated = { id: this.#reports, report, fixes: [], ranges, diskGeneration };
    this.#store.update({ evaluated, failure: undefined, running: undefined }, 'evaluation', 'run');
  }

  #fail(errors: readonly EvaluationError[], saved: ReadonlyMap<string, string>): void {
    const ranges = RangeTracker.from(saved, this.#store.snapshot.documents.values());
    const failure = { errors, ranges, nixUnavailable: this.#nix().isUnavailable() };
    const { evaluated: before, failure: failedBefore } = this.#store.snapshot;
    // The closure's rows say now that it is an old one: clients have to ask for them again.
    const evaluated = before && !failedBefore ? { ...before, id: (this.#reports += 1) } : before;
    this.#store.update({ evaluated, failure, running: undefined }, 'evaluation', 'run');
  }

  async #findFixes(report: Report, options: RunOptions): Promise<void> {
    const offer = (fixes: readonly Fix[]): void => {
      const { evaluated } = this.#store.snapshot;
      const isWanted = !options.signal.aborted && evaluated?.report === report;
      if (isWanted) this.#store.update({ evaluated: { ...evaluated, fixes } }, 'fixes');
    };
    try {
      const candidates = await this.#nix().proposeFixes(report);
      if (candidates.length === 0) return;
      offer(candidates);
      options.onProgress?.('checking the repairs');
      const proven = await this.#nix().proveFixes(report, options);
      offer(proven);
    } catch (error) {
      if (!options.signal.aborted) this.#logError('The repairs could not be checked.', error);
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
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const cancelled = { message: 'The evaluation was cancelled.' };
