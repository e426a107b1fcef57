import type { DerivationGraph } from '../model/derivationGraph.ts';
import type { DerivationId } from '../model/derivation.ts';
import { topologicalOrder } from './topologicalOrder.ts';

/**
 * For every derivation, how many of the counted ones are reached only through
 * it, itself included: what would leave the closure if nobody used it. All of
 * them in one walk, as those that it dominates (Cooper, Harvey and Kennedy, "A
 * Simple, Fast Dominance Algorithm"; one pass is enough, since a closure has no
 * cycles).
 */
export function countDominated(graph: DerivationGraph, counts: (id: DerivationId) => boolean): Int32Array {
  const order = topologicalOrder(graph);
  const places = new Int32Array(graph.size).fill(-1);
  for (const [place, id] of order.entries()) places[id] = place;

  // Derivations by their place in the order: a dominator has the smaller one.
  const dominators = new Int32Array(order.length);
  const meet = (one: number, other: number): number => {
    while (one !== other) {
      if (one > other) one = dominators[one] ?? 0;
      else other = dominators[other] ?? 0;
    }
    return one;
  };
  for (const [place, id] of order.entries()) {
    let dominator = -1;
    for (const consumer of graph.consumerIds(id)) {
      const before = places[consumer] ?? -1;
      if (before < 0 || before >= place) continue;
      dominator = dominator < 0 ? before : meet(dominator, before);
    }
    dominators[place] = Math.max(dominator, 0);
  }

  const dominated = new Int32Array(graph.size);
  for (const [place, id] of [...order.entries()].reverse()) {
    const count = (dominated[id] ?? 0) + (counts(id) ? 1 : 0);
    dominated[id] = count;
    const dominator = order[dominators[place] ?? 0];
    if (place > 0 && dominator !== undefined) dominated[dominator] = (dominated[dominator] ?? 0) + count;
  }
  return dominated;
}
