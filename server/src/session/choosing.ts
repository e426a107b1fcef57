import type { System } from '../model/system.ts';
import type { EvaluateAtParams } from '../protocol.ts';
import { hasOutcome } from '../snapshot/snapshot.ts';
import type { ChosenTarget } from '../storage/choice.ts';
import type { SessionParts } from './parts.ts';
import type { StateStore } from './stateStore.ts';
import type { TargetChoice } from './targetChoice.ts';
import { keyOfTargetAt } from './targetLookup.ts';
import type { TargetSearch } from './targetSearch.ts';

/** How a choice is carried out. */
export interface Evaluate {
  /** Evaluates what is new; false where that cannot be, and all is to be evaluated. */
  readonly startMissing: () => boolean;
  readonly evaluate: () => void;
}

/** Carries out what a person chooses, and keeps it for the next session. */
export class Choosing {
  readonly #store: StateStore;
  readonly #choice: TargetChoice;
  readonly #search: TargetSearch;
  readonly #parts: Pick<SessionParts, 'storage' | 'logError'>;
  readonly #evaluate: Evaluate;
  /** What was evaluated last in the former session. */
  #lastTargets: readonly ChosenTarget[] = [];

  constructor(
    store: StateStore,
    choice: TargetChoice,
    search: TargetSearch,
    parts: Pick<SessionParts, 'storage' | 'logError'>,
    evaluate: Evaluate,
  ) {
    this.#store = store;
    this.#choice = choice;
    this.#search = search;
    this.#parts = parts;
    this.#evaluate = evaluate;
  }

  /** Takes up what was chosen in a former session. */
  async restore(): Promise<void> {
    const { storage } = this.#parts;
    const choice = await storage?.readChoice();
    if (choice) this.#choice.restore(choice);
    this.#lastTargets = (await storage?.readLastTargets()) ?? [];
  }

  /** Makes what was evaluated last in the former session active, where nobody chose or named anything. */
  resume(): void {
    this.#choice.resume(this.#lastTargets);
  }

  /** See {@link Session.selectTargets}. */
  select(
    keys: readonly string[] | undefined,
    evaluateAs: readonly (System | null)[] | undefined,
  ): Promise<void> {
    return this.#carryOut(() => this.#choice.choose(keys, evaluateAs));
  }

  /** See {@link Session.evaluateAt}. */
  async selectAt({ uri, position, key }: EvaluateAtParams, wanted?: AbortSignal): Promise<void> {
    const isActive = this.#store.snapshot.evaluations.some(({ entry }) => entry.key === key);
    // Its lens offers to evaluate it again: that chooses nothing.
    if (isActive) {
      this.#evaluate.evaluate();
      return;
    }
    await this.#carryOut(async () =>
      this.#choice.add(key ?? (await keyOfTargetAt(uri, position, this.#store, this.#search, wanted))),
    );
  }

  async #carryOut(choose: () => Promise<void>): Promise<void> {
    const wasActive = new Set(this.#store.snapshot.evaluations.map(({ key }) => key));
    await choose();
    const { evaluations } = this.#store.snapshot;
    const isNew = evaluations.some((one) => !wasActive.has(one.key) || !hasOutcome(one));
    if (!isNew || !this.#evaluate.startMissing()) this.#evaluate.evaluate();
    try {
      await this.#parts.storage?.writeChoice(this.#choice.choice);
    } catch (error) {
      this.#parts.logError('The choice of targets could not be remembered.', error);
    }
  }
}
