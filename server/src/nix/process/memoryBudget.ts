import { setTimeout as delay } from 'node:timers/promises';
import { memoryOfTrees } from './processMemory.ts';

interface Counted {
  readonly leader: number;
  readonly end: () => void;
  readonly givesWay: boolean;
}

/** Milliseconds between two looks: `/proc` is quick to read, `ps` is a process. */
const interval = process.platform === 'linux' ? 100 : 1000;

/**
 * The memory that all processes of a run share, with all that these start.
 * Resident memory counts, since the limit of Nix's collector knows of its heap
 * alone, and of one process.
 */
export class MemoryBudget {
  /** In MiB. */
  readonly limit: number;
  readonly #counted = new Set<Counted>();
  #isLooking = false;

  constructor(limitMiB: number) {
    this.limit = limitMiB;
  }

  /**
   * Counts a process from now on, until the result is disposed of.
   *
   * @param end called where there is too much
   * @param givesWay it ends before those that do not: the run is worth something without it
   */
  count(leader: number, end: () => void, givesWay = false): Disposable {
    const counted = { leader, end, givesWay };
    this.#counted.add(counted);
    if (!this.#isLooking) void this.#lookOn();
    return { [Symbol.dispose]: () => void this.#counted.delete(counted) };
  }

  async #lookOn(): Promise<void> {
    this.#isLooking = true;
    while (this.#counted.size > 0) {
      await delay(interval, undefined, { ref: false });
      const used = await memoryOfTrees([...this.#counted].map(({ leader }) => leader));
      if (used > this.limit) this.#endSome();
    }
    this.#isLooking = false;
  }

  #endSome(): void {
    const all = [...this.#counted];
    const yielding = all.filter(({ givesWay }) => givesWay);
    for (const { end } of yielding.length > 0 ? yielding : all) end();
  }
}
