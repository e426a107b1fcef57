import { EventEmitter, once } from 'node:events';

import type { Evaluation, Snapshot } from '../snapshot/snapshot.ts';
import { reduce, type SessionEvents } from './reduce.ts';
import type { Action, Aspect, SessionState } from './state.ts';

/**
 * The session's loop, and the only place at which its state changes: an event
 * makes a new state and says what is to be done, which is done once the state
 * is there. When nothing is left to do, listeners are told, once. They look at
 * the finished snapshot and change nothing: an event from a listener is refused.
 */
export class StateStore {
  readonly #events = new EventEmitter<{ change: [aspects: ReadonlySet<Aspect>] }>();
  readonly #perform: (action: Action) => void;
  readonly #actions: Action[] = [];
  #aspects = new Set<Aspect>();
  #state: SessionState;
  /** How many calls are under way whose end listeners wait for. */
  #depth = 0;
  #isTelling = false;

  /** @param perform does what an event asks for, and may send further events; handles its own errors */
  constructor(state: SessionState, perform: (action: Action) => void) {
    this.#state = state;
    this.#perform = perform;
    // Each menu that waits for a proof listens as well.
    this.#events.setMaxListeners(0);
  }

  get snapshot(): Snapshot {
    return this.#state.snapshot;
  }

  get state(): SessionState {
    return this.#state;
  }

  /** Undefined where none of this key is active. */
  evaluation(key: string): Evaluation | undefined {
    return this.snapshot.evaluations.find((evaluation) => evaluation.key === key);
  }

  /** @throws Error where a listener sends it */
  send<Kind extends keyof SessionEvents>(kind: Kind, event: SessionEvents[Kind]): void {
    this.together(() => {
      const { state, aspects, actions } = reduce(this.#state, kind, event);
      this.#state = state;
      for (const aspect of aspects) this.#aspects.add(aspect);
      this.#actions.push(...actions);
    });
  }

  /**
   * Does several things of which listeners are told together.
   *
   * @throws Error where a listener does
   */
  together(work: () => void): void {
    if (this.#isTelling) throw new Error('A listener of the session may not change what it is told of.');
    this.#depth += 1;
    try {
      work();
      if (this.#depth > 1) return;
      for (let action = this.#actions.shift(); action; action = this.#actions.shift()) this.#perform(action);
    } finally {
      this.#depth -= 1;
      if (this.#depth === 0) this.#tell();
    }
  }

  onChange(listener: (aspects: ReadonlySet<Aspect>) => void): void {
    this.#events.on('change', listener);
  }

  /** Settles once the snapshot is so, or nobody waits any more; at once where it is so already. */
  async until(isSo: (snapshot: Snapshot) => boolean, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !isSo(this.snapshot)) await this.#nextChange(signal);
  }

  /** Settles at the next change, or when the signal is aborted. */
  async #nextChange(signal: AbortSignal): Promise<void> {
    try {
      await once(this.#events, 'change', { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  dispose(): void {
    this.#events.removeAllListeners();
  }

  #tell(): void {
    if (this.#aspects.size === 0) return;
    const aspects = this.#aspects;
    this.#aspects = new Set();
    this.#isTelling = true;
    try {
      this.#events.emit('change', aspects);
    } finally {
      this.#isTelling = false;
    }
  }
}
