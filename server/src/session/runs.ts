import { EventEmitter } from 'node:events';

import type { SessionParts } from './parts.ts';
import { Run, type RunEnd } from './evaluationRun.ts';
import type { StateStore } from './stateStore.ts';

/** Where it is looked for what to evaluate, before there is any evaluation. */
export const preparation = Symbol('preparation');
/** Where what is missing is downloaded. */
export const fetching = Symbol('fetching');

/** What a run is for: an evaluation by its key, or something else of which there is one at a time. */
export type RunKey = string | typeof preparation | typeof fetching;

export interface RunWork {
  /** For people: a target with its system. Empty: all of them. */
  readonly label: string;
  readonly work: (run: Run) => Promise<void>;
  /** Tells of the step at which the run is, while it is the newest one. */
  readonly show: (run: Run) => void;
}

/** The runs that are under way. Of one key there is one run: the newest wins, and the one before is cancelled. */
export class Runs {
  readonly #store: StateStore;
  readonly #logError: SessionParts['logError'];
  readonly #events = new EventEmitter<{ start: [run: Run]; end: [end: RunEnd] }>();
  readonly #current = new Map<RunKey, Run>();
  /** Those that are under way, and those that are cancelled and not over yet. */
  readonly #unsettled = new Set<Run>();
  #isDisposed = false;

  constructor(store: StateStore, logError: SessionParts['logError']) {
    this.#store = store;
    this.#logError = logError;
  }

  onStart(listener: (run: Run) => void): void {
    this.#events.on('start', listener);
  }

  /** Tells of each evaluation as it ends, also of one whose result is not wanted any more. */
  onEnd(listener: (end: RunEnd) => void): void {
    this.#events.on('end', listener);
  }

  tellEnd(end: RunEnd): void {
    this.#events.emit('end', end);
  }

  /** Starts work in the place of what is under way for its key. */
  launch(key: RunKey, { label, work, show }: RunWork): void {
    if (this.#isDisposed) return;
    this.#current.get(key)?.cancel();
    const run = new Run(label, async (started) => {
      try {
        await work(started);
      } catch (error) {
        this.#logError('A run ended unexpectedly.', error);
      } finally {
        this.finish(key, started);
      }
    });
    this.#current.set(key, run);
    this.#unsettled.add(run);
    void run.settled.then(() => this.#unsettled.delete(run));
    run.onStep(() => {
      if (this.isCurrent(key, run)) show(run);
    });
    show(run);
    this.#events.emit('start', run);
  }

  /** The run that is under way for a key. */
  current(key: RunKey): Run | undefined {
    return this.#current.get(key);
  }

  keys(): RunKey[] {
    return [...this.#current.keys()];
  }

  isCurrent(key: RunKey, run: Run): boolean {
    return this.#current.get(key) === run;
  }

  /** From now on nothing is under way for the key, where this run was. */
  finish(key: RunKey, run: Run): void {
    if (this.isCurrent(key, run)) this.#current.delete(key);
  }

  /** Ends what nobody wants any more; nothing is told of that. */
  drop(key: RunKey): void {
    this.#current.get(key)?.cancel();
    this.#current.delete(key);
  }

  /** Cancels the runs that are under way; `only`: this one and no newer one. */
  cancel(only?: Run): void {
    for (const [key, run] of [...this.#current]) {
      if (only && only !== run) continue;
      this.drop(key);
      if (key === preparation) this.#store.send('preparation-cancelled', {});
      else if (key === fetching) this.#store.send('fetch-ended', {});
      else this.#store.send('run-cancelled', { key });
    }
  }

  /** Cancels what is under way; settles when all runs have cleaned up behind themselves. */
  async dispose(): Promise<void> {
    this.#isDisposed = true;
    for (const key of this.keys()) this.drop(key);
    this.#events.removeAllListeners();
    await Promise.all([...this.#unsettled].map(({ settled }) => settled));
  }
}
