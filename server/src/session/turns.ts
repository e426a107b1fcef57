import { addAbortListener } from 'node:events';

interface Waiting {
  /** Lower ones are first; asked anew whenever a turn is given. */
  readonly rank: () => number;
  readonly start: () => void;
}

/** Lets some work go on at a time, and the rest wait for its turn. */
export class Turns {
  #free: number;
  readonly #waiting: Waiting[] = [];

  /** @param most how many may work at the same time, at least one */
  constructor(most: number) {
    this.#free = most;
  }

  /** Whoever takes a turn now has to wait. */
  get isFull(): boolean {
    return this.#free === 0;
  }

  /**
   * Waits for a turn; disposing of it gives it to the next one.
   *
   * @throws AbortError when `signal` fires before
   */
  async take(rank: () => number, signal: AbortSignal): Promise<Disposable> {
    signal.throwIfAborted();
    if (this.#free > 0) this.#free -= 1;
    else await this.#wait(rank, signal);
    let isOver = false;
    return {
      [Symbol.dispose]: () => {
        if (isOver) return;
        isOver = true;
        this.#next();
      },
    };
  }

  #wait(rank: () => number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        rank,
        start: () => {
          listening[Symbol.dispose]();
          resolve();
        },
      };
      const listening = addAbortListener(signal, () => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        reject(new DOMException('The turn is not wanted any more.', 'AbortError'));
      });
      this.#waiting.push(waiting);
    });
  }

  /** The first of the lowest rank. */
  #next(): void {
    const ranks = this.#waiting.map(({ rank }) => rank());
    const [first] = this.#waiting.splice(ranks.indexOf(Math.min(...ranks)), 1);
    if (first) first.start();
    else this.#free += 1;
  }
}
