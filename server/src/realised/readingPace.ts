import { Slice } from '../model/slices.ts';

/**
 * Measured with Node 24 on two busy cores, 59,840 files below /usr/lib in
 * memory: open, fstat, read and close at once take 26 µs a file, concurrently
 * 108 µs and four times the processor. A disk that has to be waited for is the
 * other way round (see `derivation/loadClosure.ts`). So: at once, in slices,
 * until reading turns out to wait.
 */
const slowMilliseconds = 0.4;
/** So many slow reads more than half the number of quick ones prove it: a busy processor makes single ones slow. */
const coldScore = 8;

/** Whether files are read at once or concurrently. */
export class ReadingPace {
  #score = 0;
  readonly #slice = new Slice();

  get waitsForDisk(): boolean {
    return this.#score >= coldScore;
  }

  /** Times a read at once. */
  time<T>(read: () => T): T {
    const start = performance.now();
    try {
      return read();
    } finally {
      const isSlow = performance.now() - start > slowMilliseconds;
      this.#score = isSlow ? this.#score + 1 : Math.max(this.#score - 0.5, 0);
    }
  }

  /** Lets others have their turn once a slice is over. */
  breathe(): Promise<void> {
    return this.#slice.giveWayIfOver();
  }
}
