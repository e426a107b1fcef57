import type { FoundTarget } from '../targets/search/found.ts';
import type { TargetPlace } from '../targets/search/placeOfTarget.ts';
import { targetOfSetting } from '../targets/targetSetting.ts';
import type { NixConnection } from './parts.ts';
import { placedTargets } from './placedTargets.ts';
import type { StateStore } from './stateStore.ts';
import { namedTargets, targetKey } from './targetCatalogue.ts';

/** Lists the targets that somebody named, and those that were found, with their places. */
export class TargetList {
  readonly #store: StateStore;
  readonly #nix: () => NixConnection;
  #found: readonly FoundTarget[] = [];
  /** The texts to which the places of what was found refer. */
  #texts: ReadonlyMap<string, string> = new Map();
  /** Where the targets that somebody named stand, by key. */
  #places: ReadonlyMap<string, TargetPlace> = new Map();

  constructor(store: StateStore, nix: () => NixConnection) {
    this.#store = store;
    this.#nix = nix;
  }

  /** Takes up what was found besides what is named. */
  take(found: readonly FoundTarget[], texts: ReadonlyMap<string, string>): void {
    this.#found = found;
    this.#texts = texts;
    this.tell();
  }

  /** Finds the named targets in their files: without Nix, and therefore at once. */
  async placeNamed(): Promise<void> {
    const named = namedTargets(this.#store.snapshot).map(({ setting, directory }) =>
      targetOfSetting(setting, directory),
    );
    if (named.length === 0) return;
    const places = await Promise.all(
      named.map(async (target) => [targetKey(target), await this.#nix().placeOf(target)] as const),
    );
    this.#places = new Map(places.flatMap(([key, place]) => (place ? [[key, place]] : [])));
    this.tell();
  }

  /** Tells the session what is known by now. */
  tell(): void {
    const named = namedTargets(this.#store.snapshot);
    this.#store.send('targets-listed', placedTargets(named, this.#found, this.#texts, this.#places));
  }
}
