import type { PolicedReport } from '../check/policy.ts';
import type { NixConnection, SessionParts } from './parts.ts';
import type { StateStore } from './stateStore.ts';

/** Compares two reports of one target, evaluated as two systems; one pair after the other. */
export class SystemComparisons {
  readonly #store: StateStore;
  readonly #nix: () => Pick<NixConnection, 'compareSystems'>;
  readonly #logError: SessionParts['logError'];
  #last: Promise<void> = Promise.resolve();

  constructor(
    store: StateStore,
    nix: () => Pick<NixConnection, 'compareSystems'>,
    logError: SessionParts['logError'],
  ) {
    this.#store = store;
    this.#nix = nix;
    this.#logError = logError;
  }

  compare(ids: readonly [number, number], [one, other]: readonly [PolicedReport, PolicedReport]): void {
    this.#last = this.#last.then(async () => {
      try {
        const dependence = await this.#nix().compareSystems(one, other);
        this.#store.send('systems-compared', { ids, dependence });
      } catch (error) {
        this.#logError('Two systems could not be compared.', error);
      }
    });
  }
}
