/** What speaks for files whose reading has to be waited for. */
interface PaceLimits {
  /** A read that takes longer is slow. */
  readonly slowMilliseconds: number;
  /** So many slow reads more than half the number of quick ones prove it: a busy processor makes single ones slow. */
  readonly coldScore: number;
}

/**
 * Whether files are read at once or concurrently. What lies in memory is read
 * quickest by synchronous calls, what lies on a disk by many at the same time:
 * so at once, until reading turns out to wait.
 */
export class ReadingPace {
  readonly #limits: PaceLimits;
  #score = 0;

  constructor(limits: PaceLimits) {
    this.#limits = limits;
  }

  get waitsForDisk(): boolean {
    return this.#score >= this.#limits.coldScore;
  }

  /** Times a read at once. */
  time<T>(read: () => T): T {
    const start = performance.now();
    try {
      return read();
    } finally {
      const isSlow = performance.now() - start > this.#limits.slowMilliseconds;
      this.#score = isSlow ? this.#score + 1 : Math.max(this.#score - 0.5, 0);
    }
  }
}
