import type { DerivationGraph } from '../model/derivationGraph.ts';
import type { DerivationId } from '../model/derivation.ts';

/** An edge of a graph by its two ends. */
export interface EdgeEnds {
  readonly consumer: DerivationId;
  readonly input: DerivationId;
}

/**
 * Counts the derivations that can no longer be reached from the root when these
 * edges are removed.
 *
 * @param counts which of them are counted, e.g. foreign ones only
 */
export function countBroughtIn(
  graph: DerivationGraph,
  edgesToRemove: Iterable<EdgeEnds>,
  counts: (id: DerivationId) => boolean,
): number {
  const removed = new Map<DerivationId, Set<DerivationId>>();
  for (const { consumer, input } of edgesToRemove) {
    const inputs = removed.get(consumer);
    if (inputs === undefined) removed.set(consumer, new Set([input]));
    else inputs.add(input);
  }
  const reached = new Uint8Array(graph.size);
  reached[graph.root] = 1;
  const open = [graph.root];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const without = removed.get(id);
    for (const input of graph.inputIds(id)) {
      if (reached[input] === 1 || without?.has(input) === true) continue;
      reached[input] = 1;
      open.push(input);
    }
  }
  let count = 0;
  for (let id = 0; id < graph.size; id++) {
    if (reached[id] === 0 && counts(id)) count++;
  }
  return count;
}
