import { describeFailure } from '../nix/describeFailure.ts';
import type { TargetEntry } from '../snapshot/snapshot.ts';
import { groupKey, LazyGroups } from './lazyGroups.ts';
import { NoSuchTargetError } from './noSuchTarget.ts';
import type { NixConnection } from './parts.ts';
import type { StateStore } from './stateStore.ts';
import { targetKey } from './targetCatalogue.ts';
import type { TargetSearch } from './targetSearch.ts';
import { limitsOfSettings } from './workspace.ts';

/** Looks for targets in groups, which are too many to be listed unasked. */
export class TargetGroups {
  readonly #store: StateStore;
  readonly #search: TargetSearch;
  readonly #groups: LazyGroups;
  /** What the last search that found something offered, by key. */
  #offered: ReadonlyMap<string, TargetEntry> = new Map();

  constructor(store: StateStore, nix: () => NixConnection, search: TargetSearch) {
    this.#store = store;
    this.#search = search;
    this.#groups = new LazyGroups((group, signal) =>
      nix().listGroup(group, { limits: limitsOfSettings(store.snapshot), signal }),
    );
  }

  /** What was offered under a key. */
  offered(key: string): TargetEntry | undefined {
    return this.#offered.get(key);
  }

  /** Files changed: there may be other targets now. */
  invalidate(): void {
    this.#groups.clear();
    this.#offered = new Map();
  }

  /**
   * Looks for targets in a group.
   *
   * @param parent the group's key
   * @throws NoSuchTargetError when there is no such group, or it cannot be listed
   */
  async search(parent: string, text: string, signal: AbortSignal): Promise<readonly TargetEntry[]> {
    await this.#search.find(signal);
    const group = this.#store.snapshot.targetGroups.find((one) => groupKey(one) === parent);
    if (!group)
      throw new NoSuchTargetError('This group of packages does not exist (any more). Choose another target.');
    try {
      const found = await this.#groups.search(group, text, signal);
      const entries = found.map((target) => ({ ...target, key: targetKey(target.target) }));
      if (entries.length > 0) this.#offered = new Map(entries.map((entry) => [entry.key, entry]));
      return entries;
    } catch (error) {
      if (signal.aborted) return [];
      const [{ message, advice = '' } = { message: String(error) }] = describeFailure(error, () => true);
      throw new NoSuchTargetError(`${group.label} cannot be listed: ${message} ${advice}`.trim());
    }
  }

  /** Settles when what was started has ended. */
  dispose(): Promise<void> {
    return this.#groups.dispose();
  }
}
