import type { DerivationGraph } from '../model/derivationGraph.ts';
import type { DerivationId } from '../model/derivation.ts';

/**
 * Searches the graph once, breadth first, and answers with a function that
 * gives one shortest path from the root to a derivation, both included.
 */
export function shortestPaths(graph: DerivationGraph): (id: DerivationId) => readonly DerivationId[] {
  const consumers = new Int32Array(graph.size).fill(-1);
  consumers[graph.root] = graph.root;
  const reached = [graph.root];
  // The list grows while it is walked.
  for (const id of reached) {
    for (const input of graph.inputIds(id)) {
      if (consumers[input] !== -1) continue;
      consumers[input] = id;
      reached.push(input);
    }
  }
  return (id) => {
    const path = [id];
    for (let at = id; at !== graph.root; path.push(at)) {
      at = consumers[at] ?? -1;
      if (at < 0) throw new RangeError(`no path leads from the root to the derivation ${id}`);
    }
    return path.reverse();
  };
}
