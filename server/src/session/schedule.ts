import { availableParallelism } from 'node:os';

import { hasOutcome, noTargetMessage } from '../snapshot/snapshot.ts';
import type { DiskTexts } from './diskTexts.ts';
import { Evaluating } from './evaluating.ts';
import { Fetching } from './fetching.ts';
import type { Run } from './evaluationRun.ts';
import type { NixConnection, SessionParts } from './parts.ts';
import { Proving } from './proving.ts';
import { fetching, preparation, Runs } from './runs.ts';
import type { StateStore } from './stateStore.ts';
import type { TargetChoice } from './targetChoice.ts';
import type { TargetSearch } from './targetSearch.ts';
import { Turns } from './turns.ts';

/** An evaluation keeps two processes busy, the plain one and the probed one. */
const mostAtOnce = Math.max(1, Math.floor(availableParallelism() / 2));

/** Decides which runs start, few at a time, and ends those that nobody wants any more. */
export class Schedule {
  readonly runs: Runs;
  readonly fetching: Fetching;
  readonly #store: StateStore;
  readonly #targets: TargetSearch;
  readonly #evaluating: Evaluating;
  readonly #proving: Proving;

  constructor(
    store: StateStore,
    targets: TargetSearch,
    choice: TargetChoice,
    disk: DiskTexts,
    nix: () => NixConnection,
    parts: Pick<SessionParts, 'loadParser' | 'logError'>,
  ) {
    this.#store = store;
    this.#targets = targets;
    this.runs = new Runs(store, parts.logError);
    const shared = { ...parts, store, targets, disk, nix, runs: this.runs, turns: new Turns(mostAtOnce) };
    this.#proving = new Proving(shared);
    this.#evaluating = new Evaluating({
      ...shared,
      choice,
      proving: this.#proving,
      onReplaced: () => this.startMissing('unasked'),
    });
    this.fetching = new Fetching({ ...shared, evaluate: () => this.start() });
  }

  /** Starts all evaluations anew; where there are none, looks for targets first. */
  start(): void {
    this.#dropForgotten();
    const { evaluations } = this.#store.snapshot;
    if (evaluations.length === 0) this.#prepare();
    else this.#store.together(() => evaluations.forEach(({ key }) => this.#evaluating.start(key)));
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
      if (this.runs.current(evaluation.key)) continue;
      if (hasOutcome(evaluation)) this.#proving.start(evaluation);
      else if (wanted === 'asked' || !evaluation.notice) this.#evaluating.start(evaluation.key);
    }
  }

  /** Proves the repairs of reports that became other ones without a run; what is under way for them starts anew. */
  proveAgain(keys: ReadonlySet<string>): void {
    for (const evaluation of this.#store.snapshot.evaluations)
      if (keys.has(evaluation.key) && !evaluation.running) this.#proving.start(evaluation);
  }

  #dropForgotten(): void {
    const { evaluations } = this.#store.snapshot;
    const active = new Set(evaluations.map(({ key }) => key));
    for (const key of this.runs.keys()) {
      if (key === fetching) continue;
      if (key === preparation ? active.size === 0 : active.has(key)) continue;
      this.runs.drop(key);
      if (key === preparation) this.#store.send('preparation-ended', {});
    }
  }

  /** Looks for what to evaluate, and evaluates that. */
  #prepare(): void {
    const store = this.#store;
    store.together(() => {
      store.send('preparation-started', {});
      this.runs.launch(preparation, {
        label: '',
        work: (run) => this.#findTargets(run),
        show: ({ step }) => store.send('preparation-stepped', { step }),
      });
    });
  }

  async #findTargets(run: Run): Promise<void> {
    run.step = 'looking for targets';
    await this.#targets.find(run.signal);
    if (!this.runs.isCurrent(preparation, run)) return;
    this.runs.finish(preparation, run);
    const isFound = this.#store.snapshot.evaluations.length > 0;
    const message = noTargetMessage(this.#store.snapshot);
    this.#store.together(() => {
      this.#store.send('preparation-ended', isFound ? {} : { notice: { message, problem: 'no-target' } });
      if (isFound) this.startMissing('unasked');
    });
  }
}
