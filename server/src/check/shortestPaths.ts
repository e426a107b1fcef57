import type { DerivationGraph } from '../model/derivationGraph.ts';
import type { DerivationId } from '../model/derivation.ts';
import { atOnce, perStep, type Steps } from '../model/slices.ts';

/** Shortest ways from the root to the derivations of a graph. */
export interface PathsFromRoot {
  /** One shortest path to a derivation, both ends included. */
  readonly to: (id: DerivationId) => readonly DerivationId[];
  /** How many derivations that path has. */
  readonly lengthTo: (id: DerivationId) => number;
}

/** Those of graphs that were searched: a run's judgement searches its graph, and whoever answers from it need not. */
const known = new WeakMap<DerivationGraph, PathsFromRoot>();

/** The shortest ways of a graph, which is searched once, and now and then yields. */
export function* pathsFromRoot(graph: DerivationGraph): Steps<PathsFromRoot> {
  const paths = known.get(graph) ?? (yield* search(graph));
  known.set(graph, paths);
  return paths;
}

/** Breadth first. */
function* search(graph: DerivationGraph): Steps<PathsFromRoot> {
  const consumers = new Int32Array(graph.size).fill(-1);
  const lengths = new Int32Array(graph.size);
  consumers[graph.root] = graph.root;
  lengths[graph.root] = 1;
  const reached = [graph.root];
  // The list grows while it is walked.
  for (const [index, id] of reached.entries()) {
    if (index % perStep === 0) yield;
    for (const input of graph.inputIds(id)) {
      if (consumers[input] !== -1) continue;
      consumers[input] = id;
      lengths[input] = (lengths[id] ?? 0) + 1;
      reached.push(input);
    }
  }
  return {
    to: (id) => {
      const path = [id];
      for (let at = id; at !== graph.root; path.push(at)) {
        at = consumers[at] ?? -1;
        if (at < 0) throw new RangeError(`no path leads from the root to the derivation ${id}`);
      }
      return path.reverse();
    },
    lengthTo: (id) => lengths[id] ?? 0,
  };
}

/** The same at one go: a function that gives one shortest path from the root to a derivation, both included. */
export function shortestPaths(graph: DerivationGraph): (id: DerivationId) => readonly DerivationId[] {
  return atOnce(pathsFromRoot(graph)).to;
}
