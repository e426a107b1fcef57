import type { DerivationGraph } from '../model/derivationGraph.ts';
import type { DerivationId } from '../model/derivation.ts';
import { groupBy } from '../model/groupBy.ts';

/** An edge of a graph by its two ends. */
export interface EdgeEnds {
  readonly consumer: DerivationId;
  readonly input: DerivationId;
}

/**
 * Counts the derivations that can no longer be reached from the root when these
 * edges are removed. Only what they bring in is looked at: a derivation is gone
 * once all edges to it are, and all edges of its own go with it.
 *
 * @param counts which of them are counted, e.g. foreign ones only
 */
export function countBroughtIn(
  graph: DerivationGraph,
  edgesToRemove: Iterable<EdgeEnds>,
  counts: (id: DerivationId) => boolean,
): number {
  const edgesLeft = new Map<DerivationId, number>();
  const gone: DerivationId[] = [];
  const removeEdge = (input: DerivationId): void => {
    const left = (edgesLeft.get(input) ?? graph.consumerIds(input).length) - 1;
    edgesLeft.set(input, left);
    if (left === 0 && input !== graph.root) gone.push(input);
  };
  const removed = groupBy(edgesToRemove, ({ consumer }) => consumer);
  const inputsRemoved = new Map<DerivationId, ReadonlySet<DerivationId>>();
  for (const [consumer, edges] of removed) {
    const inputs = new Set(edges.map(({ input }) => input));
    inputsRemoved.set(consumer, inputs);
    for (const input of graph.inputIds(consumer)) if (inputs.has(input)) removeEdge(input);
  }
  let count = 0;
  // The list grows while it is walked.
  for (const id of gone) {
    if (counts(id)) count += 1;
    const before = inputsRemoved.get(id);
    for (const input of graph.inputIds(id)) if (before?.has(input) !== true) removeEdge(input);
  }
  return count;
}
