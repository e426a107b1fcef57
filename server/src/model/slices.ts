import { setImmediate } from 'node:timers/promises';

/**
 * Long work in steps: a generator that yields wherever it may be interrupted,
 * and returns the result. A step takes well below a millisecond.
 */
export type Steps<Result> = Generator<void, Result>;

/** After how many derivations of a closure, or expressions of a file, a step is over. */
export const perStep = 500;

/** How long the event loop may be kept at a stretch, in milliseconds. It decides when something is done, never what comes of it. */
const sliceMilliseconds = 5;

/** Turns of the event loop that a request takes: it is read, decoded, answered and written in one each. */
const turnsOfRequest = 4;

/** Settles when whoever gave way last may go on. */
let lastInQueue: Promise<void> = Promise.resolve();

/**
 * Waits until all who gave way before have had their slice, and then for as long
 * as a request takes: so one slice at most stands between a question and its
 * answer, however much long work is under way at the same time.
 */
function waitInQueue(): Promise<void> {
  lastInQueue = lastInQueue.then(async () => {
    for (let turn = 0; turn < turnsOfRequest; turn++) await setImmediate();
  });
  return lastInQueue;
}

/** Tells when a slice of time is over, and lets others have their turn then. */
export class Slice {
  readonly #signal: AbortSignal | undefined;
  #end = performance.now() + sliceMilliseconds;

  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  get isOver(): boolean {
    return performance.now() > this.#end;
  }

  /**
   * Lets others have their turn, and begins a new slice.
   *
   * @throws the signal's reason when it is aborted
   */
  async giveWay(): Promise<void> {
    await waitInQueue();
    this.#signal?.throwIfAborted();
    this.#end = performance.now() + sliceMilliseconds;
  }

  /** The same, but only where the slice is over. */
  async giveWayIfOver(): Promise<void> {
    if (this.isOver) await this.giveWay();
  }
}

/**
 * Does work in slices of time, between which others have their turn.
 *
 * @throws the signal's reason when it is aborted
 */
export async function inSlices<Result>(steps: Steps<Result>, signal?: AbortSignal): Promise<Result> {
  const slice = new Slice(signal);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (!slice.isOver) continue;
    try {
      await slice.giveWay();
    } catch (error) {
      // So that the work puts away what it holds.
      steps.throw(error);
      throw error;
    }
  }
}

/** What steps make of each of some things, one after the other. */
export function* forEach<Thing, Result>(
  things: Iterable<Thing>,
  steps: (thing: Thing) => Steps<Result>,
): Steps<Result[]> {
  const results: Result[] = [];
  for (const thing of things) results.push(yield* steps(thing));
  return results;
}

/** Does work at one go, for whoever cannot wait, or has nobody to give way to. */
export function atOnce<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
