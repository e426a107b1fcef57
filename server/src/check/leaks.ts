import type { DerivationGraph } from '../derivation/graph.ts';
import type { DerivationId } from '../model/derivation.ts';
import type { CrossingEdge, Leak } from '../model/judgement.ts';
import { countDominated } from './dominators.ts';
import type { ForeignTest } from './foreign.ts';
import { isWorse, severities } from './rules.ts';
import { shortestPaths } from './shortestPaths.ts';

/**
 * Gathers crossing edges by their input, each leak with one shortest path from
 * the root: worst first, then those through which most foreign derivations come in.
 */
export function findLeaks(
  graph: DerivationGraph,
  crossing: readonly CrossingEdge[],
  isForeign: ForeignTest,
): readonly Leak[] {
  if (crossing.length === 0) return [];
  const edgesByInput = new Map<DerivationId, CrossingEdge[]>();
  for (const edge of crossing) {
    const edges = edgesByInput.get(edge.input);
    if (edges === undefined) edgesByInput.set(edge.input, [edge]);
    else edges.push(edge);
  }
  const pathTo = shortestPaths(graph);
  const foreignThrough = countDominated(graph, isForeign);
  return [...edgesByInput]
    .map(([input, edges]) =>
      leakOf(input, edges, [...shortest(edges.map((edge) => pathTo(edge.consumer))), input]),
    )
    .sort(
      (one, other) =>
        severities.indexOf(one.severity) - severities.indexOf(other.severity) ||
        (foreignThrough[other.input] ?? 0) - (foreignThrough[one.input] ?? 0) ||
        one.path.length - other.path.length ||
        one.input - other.input,
    );
}

/** The path leads through a consumer of the leak: the input may be reached by right edges as well. */
function shortest(paths: readonly (readonly DerivationId[])[]): readonly DerivationId[] {
  return paths.reduce((one, other) => (other.length < one.length ? other : one));
}

function leakOf(input: DerivationId, edges: readonly CrossingEdge[], path: readonly DerivationId[]): Leak {
  const worst = edges.reduce((one, other) => (isWorse(other.severity, one.severity) ? other : one));
  return { input, severity: worst.severity, rule: worst.rule, edges, path };
}
