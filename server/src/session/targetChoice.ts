import { access } from 'node:fs/promises';
import { isAbsolute } from 'node:path';

import type { System } from '../model/system.ts';
import { entriesOf, keptTarget } from '../snapshot/activeEvaluations.ts';
import type { Evaluation, TargetEntry } from '../snapshot/snapshot.ts';
import type { ChosenTarget, Choice } from '../storage/choice.ts';
import { evaluationsOfChoice } from './evaluationsOfChoice.ts';
import { NoSuchTargetError } from './noSuchTarget.ts';
import type { StateStore } from './stateStore.ts';
import { knownTargets, namedTargets } from './targetCatalogue.ts';
import type { TargetGroups } from './targetGroups.ts';
import type { TargetSearch } from './targetSearch.ts';

/** Keeps which targets are evaluated, and as which systems: what the person chose, or else what is there. */
export class TargetChoice {
  readonly #store: StateStore;
  readonly #search: TargetSearch;
  readonly #groups: TargetGroups;
  /** What the person chose. */
  #choice: Choice = {};
  /** What was active in the former session. */
  #former: readonly ChosenTarget[] = [];

  constructor(store: StateStore, search: TargetSearch, groups: TargetGroups) {
    this.#store = store;
    this.#search = search;
    this.#groups = groups;
  }

  /** What the person chose, to be remembered. */
  get choice(): Choice {
    return this.#choice;
  }

  /** Takes up what was chosen in a former session, unless something was chosen meanwhile. */
  restore(choice: Choice): void {
    this.#choice = { ...choice, ...this.#choice };
    this.#search.list.tell();
  }

  /** Makes what was active in a former session active again, where nobody chose or named anything. */
  resume(former: readonly ChosenTarget[]): void {
    this.#former = former;
    this.activate();
  }

  /** Makes the evaluations those of the chosen targets, and of the open files that these do not reach. */
  activate(): void {
    const { snapshot } = this.#store;
    this.#store.send('evaluations-chosen', evaluationsOfChoice(snapshot, this.#choice, this.#former));
  }

  /**
   * Where the file of a target that nobody chose is gone, looks for another
   * target.
   *
   * @returns true where another one is active now
   */
  async replaceGone({ entry }: Evaluation, signal: AbortSignal): Promise<boolean> {
    const isByChoice = this.#choice.targets !== undefined || namedTargets(this.#store.snapshot).length > 0;
    const isWanted = (): boolean => !signal.aborted;
    if (isByChoice || !(await isGone(entry)) || !isWanted()) return false;
    this.#search.invalidate();
    this.#former = [];
    await this.#search.find(signal);
    const { targets, evaluations, evaluateAs } = this.#store.snapshot;
    if (!isWanted() || targets?.some(({ key }) => key === entry.key)) return false;
    const others = evaluations.filter((evaluation) => evaluation.entry.key !== entry.key);
    this.#store.together(() => {
      this.#store.send('evaluations-chosen', { evaluations: others, evaluateAs });
      this.activate();
    });
    return this.#store.snapshot.evaluations.length > 0;
  }

  /**
   * Makes the targets of these keys the active ones, or the systems those that they are evaluated as.
   *
   * @param keys undefined: keep the targets
   * @param evaluateAs `null`: this machine's system; empty: as the settings say; undefined: keep
   * @throws NoSuchTargetError when one of the targets does not exist
   */
  async choose(
    keys: readonly string[] | undefined,
    evaluateAs: readonly (System | null)[] | undefined,
  ): Promise<void> {
    if (keys) {
      const isKnown = (key: string): boolean => this.#entry(key) !== undefined;
      if (!keys.every(isKnown)) await this.#search.find();
      const entries = keys.map((key) => this.#entry(key));
      const known = entries.flatMap((entry) => entry ?? []);
      if (known.length < keys.length || known.length === 0)
        throw new NoSuchTargetError('This evaluation target does not exist (any more). Choose another one.');
      this.#choice = { ...this.#choice, targets: known.map(keptTarget) };
    }
    if (evaluateAs) {
      const { targets } = this.#choice;
      this.#choice = { ...(targets && { targets }), ...(evaluateAs.length > 0 && { evaluateAs }) };
    }
    this.activate();
  }

  /**
   * Makes a target active: instead of the active one, or besides them where the person chose several.
   *
   * @throws NoSuchTargetError when it does not exist
   */
  async add(key: string): Promise<void> {
    const chosen = this.#choice.targets?.map((target) => target.key) ?? [];
    const isOneOfSeveral = chosen.length > 1 || chosen.includes(key);
    await this.choose(isOneOfSeveral ? [...new Set([...chosen, key])] : [key], undefined);
  }

  #entry(key: string): TargetEntry | undefined {
    const { snapshot } = this.#store;
    const isIt = (entry: TargetEntry): boolean => entry.key === key;
    return (
      knownTargets(snapshot).find(isIt) ??
      this.#groups.offered(key) ??
      entriesOf(snapshot.evaluations).find(isIt)
    );
  }
}

async function isGone({ target }: TargetEntry): Promise<boolean> {
  if (target.kind !== 'file' || !isAbsolute(target.file)) return false;
  return access(target.file).then(
    () => false,
    () => true,
  );
}
