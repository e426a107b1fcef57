import type { DerivationId } from '../../model/derivation.ts';
import type { DerivationGraph } from '../../model/derivationGraph.ts';
import { perStep, type Steps } from '../../model/slices.ts';

/**
 * Which derivations of a closure belong to which of several repairs: what is
 * wrong becomes another derivation, so that nothing below it is compared, and
 * its consumers have to be compared.
 */
export class Territory {
  readonly #graph: Pick<DerivationGraph, 'inputIds'>;
  readonly #wrong = new Set<DerivationId>();
  /** What is wrong, and all that is below it. */
  readonly #hidden = new Set<DerivationId>();
  readonly #consumers = new Set<DerivationId>();

  constructor(graph: Pick<DerivationGraph, 'inputIds'>) {
    this.#graph = graph;
  }

  /**
   * Returns what adds a further repair; undefined where that one hides a consumer
   * of those that were added, or one of them a consumer of its own.
   */
  *claim(
    inputs: readonly DerivationId[],
    consumers: readonly DerivationId[],
  ): Steps<(() => void) | undefined> {
    if (consumers.some((consumer) => this.#hidden.has(consumer))) return undefined;
    // Two for one leak are never tried together.
    if (inputs.some((input) => this.#wrong.has(input))) return undefined;
    const hidden = new Set<DerivationId>(inputs);
    let steps = 0;
    // The set grows while it is walked. What is hidden already has no consumer that was added.
    for (const id of hidden) {
      if (this.#consumers.has(id)) return undefined;
      if (++steps % perStep === 0) yield;
      for (const input of this.#graph.inputIds(id)) if (!this.#hidden.has(input)) hidden.add(input);
    }
    return () => {
      for (const id of inputs) this.#wrong.add(id);
      for (const id of hidden) this.#hidden.add(id);
      for (const id of consumers) this.#consumers.add(id);
    };
  }
}
