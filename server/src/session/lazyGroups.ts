import { settledOrAborted } from '../model/settledOrAborted.ts';
import { searchGroup } from '../targets/search/flakeTargets.ts';
import type { FoundGroup, FoundTarget } from '../targets/search/found.ts';

/** Names a group; two folders of a workspace may have groups of the same label. */
export function groupKey({ flake, system }: FoundGroup): string {
  return JSON.stringify([flake, system]);
}

interface Listing {
  readonly names: Promise<readonly string[]>;
  readonly controller: AbortController;
  waiting: number;
}

/**
 * Packages that are too many to be listed unasked. The names of a group are
 * asked for once; a search that comes before they are there waits for them, and
 * when nobody waits any more, Nix is stopped.
 */
export class LazyGroups {
  readonly #list: (group: FoundGroup, signal: AbortSignal) => Promise<readonly string[]>;
  readonly #listings = new Map<string, Listing>();
  /** Those that Nix is asked for just now. */
  readonly #running = new Set<Listing>();

  constructor(list: (group: FoundGroup, signal: AbortSignal) => Promise<readonly string[]>) {
    this.#list = list;
  }

  /** The files changed: other names may be there now. */
  clear(): void {
    this.#listings.clear();
  }

  /**
   * Those of a group whose names contain a text.
   *
   * @throws NixFailure, MissingInputsError
   */
  async search(group: FoundGroup, text: string, signal: AbortSignal): Promise<FoundTarget[]> {
    const isWanted = (): boolean => !signal.aborted;
    if (!isWanted()) return [];
    const listing = this.#listings.get(groupKey(group)) ?? this.#start(group);
    listing.waiting += 1;
    await settledOrAborted(listing.names, signal);
    listing.waiting -= 1;
    if (isWanted()) return searchGroup(group, await listing.names, text);
    if (listing.waiting === 0) listing.controller.abort();
    return [];
  }

  /** Stops Nix; settles when its processes have ended. */
  async dispose(): Promise<void> {
    const listings = [...this.#running];
    for (const { controller } of listings) controller.abort();
    await Promise.allSettled(listings.map(({ names }) => names));
  }

  #start(group: FoundGroup): Listing {
    const controller = new AbortController();
    const names = this.#list(group, controller.signal);
    const listing = { names, controller, waiting: 0 };
    const key = groupKey(group);
    this.#listings.set(key, listing);
    const forget = (): void => {
      if (this.#listings.get(key) === listing) this.#listings.delete(key);
    };
    // Who waits for it is told why; the next search asks Nix again.
    this.#running.add(listing);
    names.catch(forget).finally(() => this.#running.delete(listing));
    controller.signal.addEventListener('abort', forget);
    return listing;
  }
}
