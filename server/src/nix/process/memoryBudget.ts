import { setTimeout as delay } from 'node:timers/promises';
import { machineMemory } from './machineMemory.ts';
import { memoryOfTrees } from './processMemory.ts';

interface Counted {
  readonly leader: number;
  readonly end: (why: string) => void;
  readonly givesWay: boolean;
}

/** Milliseconds between two looks: `/proc` is quick to read, `ps` is a process. */
const interval = process.platform === 'linux' ? 100 : 1000;

/** Those that count something, the oldest first, with what they use, in MiB. */
const active = new Map<MemoryBudget, number>();

/** What all runs of this process may use together, in MiB: the rest of the machine has to live, too. */
const mostTogether = Math.floor(machineMemory() * 0.75);

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
   * @param end called where there is too much, with the reason in a few words
   * @param givesWay it ends before those that do not: the run is worth something without it
   */
  count(leader: number, end: (why: string) => void, givesWay = false): Disposable {
    const counted = { leader, end, givesWay };
    this.#counted.add(counted);
    if (!this.#isLooking) void this.#lookOn();
    return { [Symbol.dispose]: () => void this.#counted.delete(counted) };
  }

  async #lookOn(): Promise<void> {
    this.#isLooking = true;
    active.set(this, 0);
    while (this.#counted.size > 0) {
      await delay(interval, undefined, { ref: false });
      const used = await memoryOfTrees([...this.#counted].map(({ leader }) => leader));
      active.set(this, used);
      if (used > this.limit) this.#endSome(`its limit is ${this.limit} MiB`);
      else if (this.#isNewest && together() > mostTogether)
        this.#endSome(`all evaluations together may use ${mostTogether} MiB`);
    }
    active.delete(this);
    this.#isLooking = false;
  }

  get #isNewest(): boolean {
    return [...active.keys()].at(-1) === this;
  }

  #endSome(why: string): void {
    const all = [...this.#counted];
    const yielding = all.filter(({ givesWay }) => givesWay);
    for (const { end } of yielding.length > 0 ? yielding : all) end(why);
  }
}

function together(): number {
  return [...active.values()].reduce((sum, used) => sum + used, 0);
}
