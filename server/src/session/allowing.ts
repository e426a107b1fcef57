import { failureActions } from '../snapshot/possibleActions.ts';
import type { SessionParts } from './parts.ts';
import type { StateStore } from './stateStore.ts';
import { NoSuchTargetError } from './noSuchTarget.ts';

/** Keeps what the person lets the targets of this workspace name outside it, now and in later sessions. */
export class Allowing {
  readonly #store: StateStore;
  readonly #parts: Pick<SessionParts, 'storage' | 'logError'>;
  readonly #evaluate: () => void;

  /** @param evaluate evaluates the targets again */
  constructor(store: StateStore, parts: Pick<SessionParts, 'storage' | 'logError'>, evaluate: () => void) {
    this.#store = store;
    this.#parts = parts;
    this.#evaluate = evaluate;
  }

  /** Takes up what was allowed in former sessions. */
  async restore(): Promise<void> {
    const allowedPaths = (await this.#parts.storage?.readAllowedPaths()) ?? [];
    this.#store.send('paths-allowed', { allowedPaths });
  }

  /**
   * Allows a path that a target named which failed, and evaluates.
   *
   * @throws NoSuchTargetError where no such target asks for it
   */
  async allow(path: string): Promise<void> {
    const { snapshot } = this.#store;
    const isAsked = failureActions(snapshot).some(
      (action) => action.kind === 'allow-path' && action.path === path,
    );
    if (!snapshot.trusted || !isAsked)
      throw new NoSuchTargetError(`No target asks for ${path} (any more). Evaluate the targets again.`);
    const allowedPaths = [...new Set([...snapshot.allowedPaths, path])];
    this.#store.send('paths-allowed', { allowedPaths });
    this.#evaluate();
    try {
      await this.#parts.storage?.writeAllowedPaths(allowedPaths);
    } catch (error) {
      this.#parts.logError('The path that you allowed could not be remembered.', error);
    }
  }
}
