import { EventEmitter } from 'node:events';

import type { Evaluation, Snapshot } from '../snapshot/snapshot.ts';

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

  /** Undefined where none of this key is active. */
  evaluation(key: string): Evaluation | undefined {
    return this.#snapshot.evaluations.find((evaluation) => evaluation.key === key);
  }

  /** Changes one evaluation, where it is still active. */
  updateEvaluation(key: string, changes: Partial<Evaluation>, ...aspects: readonly Aspect[]): void {
    const evaluations = this.#snapshot.evaluations.map((evaluation) =>
      evaluation.key === key ? { ...evaluation, ...changes } : evaluation,
    );
    this.update({ evaluations }, ...aspects);
  }

  onChange(listener: (aspects: ReadonlySet<Aspect>) => void): void {
    this.#events.on('change', listener);
  }

  dispose(): void {
    this.#events.removeAllListeners();
  }
}
