import type { DerivationGraph } from '../model/derivationGraph.ts';
import type { DerivationId } from '../model/derivation.ts';

/** The shortest ways from the root to a derivation. */
export interface ShortestPaths {
  /** How many there are: their number may be beyond all numbers that are exact. */
  readonly count: bigint;
  /** The first of them, from the root to the derivation, both included. */
  readonly paths: readonly (readonly DerivationId[])[];
}

/**
 * Searches the graph once, breadth first, and answers with a function that gives
 * all shortest paths to a derivation, in the order of the ids.
 */
export function allShortestPaths(graph: DerivationGraph): (id: DerivationId, most: number) => ShortestPaths {
  const distances = new Int32Array(graph.size).fill(-1);
  distances[graph.root] = 0;
  const counts: bigint[] = [];
  counts[graph.root] = 1n;
  const reached = [graph.root];
  // The list grows while it is walked, each distance after the one before.
  for (const id of reached) {
    const next = (distances[id] ?? 0) + 1;
    for (const input of graph.inputIds(id)) {
      if (distances[input] === -1) {
        distances[input] = next;
        reached.push(input);
      }
      if (distances[input] === next) counts[input] = (counts[input] ?? 0n) + (counts[id] ?? 0n);
    }
  }
  const nearer = (id: DerivationId): DerivationId[] =>
    [...graph.consumerIds(id)]
      .filter((consumer) => distances[consumer] === (distances[id] ?? 0) - 1)
      .sort((a, b) => a - b);
  return (id, most) => {
    const paths: DerivationId[][] = [];
    // From the derivation upwards; what was opened last is followed first.
    const open: Way[] = [{ id, rest: undefined }];
    for (let way = open.pop(); way !== undefined && paths.length < most; way = open.pop()) {
      if (way.id === graph.root) paths.push(stepsOf(way));
      else for (const consumer of nearer(way.id).reverse()) open.push({ id: consumer, rest: way });
    }
    return { count: counts[id] ?? 0n, paths };
  };
}

/** The end of a path; ways share their ends, for a copy at each step costs the square of the depth. */
interface Way {
  readonly id: DerivationId;
  readonly rest: Way | undefined;
}

function stepsOf(way: Way): DerivationId[] {
  const steps: DerivationId[] = [];
  for (let at: Way | undefined = way; at !== undefined; at = at.rest) steps.push(at.id);
  return steps;
}
