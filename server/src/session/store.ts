import { EventEmitter } from 'node:events';

import type { Snapshot } from './snapshot.ts';

/** What may have changed from one snapshot to the next. */
export type Aspect = 'documents' | 'evaluation' | 'fixes' | 'run' | 'targets' | 'settings' | 'syntax';

/** Holds the newest snapshot; within the session only. */
export class Store {
  readonly #events = new EventEmitter<{ change: [aspects: ReadonlySet<Aspect>] }>();
  #snapshot: Snapshot;

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** @param aspects what listeners are told; none: nothing that anybody shows has changed */
  update(changes: Partial<Snapshot>, ...aspects: readonly Aspect[]): void {
    this.#snapshot = { ...this.#snapshot, ...changes };
    if (aspects.length > 0) this.#events.emit('change', new Set(aspects));
  }

  onChange(listener: (aspects: ReadonlySet<Aspect>) => void): void {
    this.#events.on('change', listener);
  }

  dispose(): void {
    this.#events.removeAllListeners();
  }
}
