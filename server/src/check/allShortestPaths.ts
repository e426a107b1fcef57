import type { DerivationGraph } from '../model/derivationGraph.ts';
import type { DerivationId } from '../model/derivation.ts';

/** No further path is told once those that are told have so many steps: nobody reads them. */
export const mostSteps = 100_000;

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
  const reached = [graph.root];
  // The list grows while it is walked, each distance after the one before.
  for (const id of reached) {
    const next = (distances[id] ?? 0) + 1;
    for (const input of graph.inputIds(id)) {
      if (distances[input] !== -1) continue;
      distances[input] = next;
      reached.push(input);
    }
  }
  const nearer = (id: DerivationId): DerivationId[] =>
    [...graph.consumerIds(id)]
      .filter((consumer) => distances[consumer] === (distances[id] ?? 0) - 1)
      .sort((a, b) => a - b);
  // Numbers are kept of two distances only: of a deep closure they have as many digits as it has layers.
  const countOf = (id: DerivationId): bigint => {
    let counts = new Map([[id, 1n]]);
    for (let distance = distances[id] ?? 0; distance > 0; distance--) {
      const above = new Map<DerivationId, bigint>();
      for (const [at, count] of counts)
        for (const consumer of nearer(at)) above.set(consumer, (above.get(consumer) ?? 0n) + count);
      counts = above;
    }
    return counts.get(graph.root) ?? 0n;
  };
  return (id, most) => {
    let steps = 0;
    const paths: DerivationId[][] = [];
    // From the derivation upwards; what was opened last is followed first.
    const open: Way[] = [{ id, rest: undefined }];
    for (let way = open.pop(); way !== undefined && paths.length < most && steps < mostSteps;) {
      if (way.id === graph.root) {
        const path = stepsOf(way);
        paths.push(path);
        steps += path.length;
      } else for (const consumer of nearer(way.id).reverse()) open.push({ id: consumer, rest: way });
      way = open.pop();
    }
    return {
      get count() {
        return countOf(id);
      },
      paths,
    };
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
