import type { RunOutcome } from '../running/evaluator.ts';
import type { System } from '../model/system.ts';
import type { NixFound } from './parts.ts';

/** What came of one evaluation. */
export interface RunEnd {
  /** The target's. */
  readonly label: string;
  /** Undefined: this machine's system. */
  readonly evaluateAs: System | undefined;
  readonly outcome: RunOutcome;
  readonly milliseconds: number;
  /** Undefined where none was found. */
  readonly nix: NixFound | undefined;
}

/** The step of a run that has not begun, because others are at work. */
export const waiting = 'waiting for its turn';

/**
 * One piece of work that is under way. It settles when its work ends, whether
 * that succeeded, failed or was cancelled; it never rejects.
 */
export class Run {
  /** What it is about, for people: a target with its system. Empty: all of them. */
  readonly label: string;
  readonly settled: Promise<void>;
  readonly #controller = new AbortController();
  readonly #stepListeners = new Set<(step: string) => void>();
  #step = 'starting';

  /** @param work is started at once, and handles its own errors */
  constructor(label: string, work: (run: Run) => Promise<void>) {
    this.label = label;
    // A tick later, so that nobody sees a run before its constructor is through.
    this.settled = Promise.resolve().then(() => work(this));
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** What it is doing, in a word or two. */
  get step(): string {
    return this.#step;
  }

  set step(step: string) {
    this.#step = step;
    for (const listener of this.#stepListeners) listener(step);
  }

  onStep(listener: (step: string) => void): void {
    this.#stepListeners.add(listener);
  }

  /** Stops the work and kills its processes; nothing that it still brings is used. */
  cancel(): void {
    this.#controller.abort();
  }
}
