import type { DerivationGraph } from '../model/derivationGraph.ts';
import type { DerivationId } from '../model/derivation.ts';
import type { CrossingEdge, DerivationFault, Leak } from '../model/judgement.ts';
import { countDominated } from './dominators.ts';
import type { Steps } from '../model/slices.ts';
import { groupBy } from '../model/groupBy.ts';
import type { System } from '../model/system.ts';
import type { ForeignTest } from './foreign.ts';
import { isWorse, severities } from './rules.ts';
import { pathsFromRoot, type PathsFromRoot } from './shortestPaths.ts';

/**
 * Gathers crossing edges by their input, and faults by their derivation, each
 * leak with one shortest path from the root: worst first, then those through
 * which most foreign derivations come in.
 */
export function* findLeaks(
  graph: DerivationGraph,
  crossing: readonly CrossingEdge[],
  faults: readonly DerivationFault[],
  isForeign: ForeignTest,
): Steps<readonly Leak[]> {
  if (crossing.length === 0 && faults.length === 0) return [];
  const edgesByInput = groupBy(crossing, (edge) => edge.input);
  const faultsByDerivation = groupBy(faults, (fault) => fault.derivation);
  const paths = yield* pathsFromRoot(graph);
  const foreignThrough = yield* countDominated(graph, isForeign);
  const leaks: Leak[] = [];
  for (const input of new Set([...edgesByInput.keys(), ...faultsByDerivation.keys()])) {
    const edges = edgesByInput.get(input) ?? [];
    leaks.push(leakOf(input, edges, faultsByDerivation.get(input) ?? [], pathOfLeak(input, edges, paths)));
    yield;
  }
  return leaks.sort(
    (one, other) =>
      severities.indexOf(one.severity) - severities.indexOf(other.severity) ||
      (foreignThrough[other.input] ?? 0) - (foreignThrough[one.input] ?? 0) ||
      one.path.length - other.path.length ||
      one.input - other.input,
  );
}

/**
 * The path to a leak: through a consumer of one of its edges, since the input may be
 * reached by right edges as well.
 */
export function pathOfLeak(
  input: DerivationId,
  edges: readonly CrossingEdge[],
  paths: PathsFromRoot,
): readonly DerivationId[] {
  const [first, ...others] = edges.map(({ consumer }) => consumer);
  if (first === undefined) return paths.to(input);
  const nearest = others.reduce(
    (one, other) => (paths.lengthTo(other) < paths.lengthTo(one) ? other : one),
    first,
  );
  return [...paths.to(nearest), input];
}

/**
 * One leak of these edges and faults, at least one in all.
 *
 * @throws TypeError where there is none
 */
export function leakOf(
  input: DerivationId,
  edges: readonly CrossingEdge[],
  faults: readonly DerivationFault[],
  path: readonly DerivationId[],
): Leak {
  const { severity, rule, explanation } = [...edges, ...faults].reduce((one, other) =>
    isWorse(other.severity, one.severity) ? other : one,
  );
  return { input, severity, rule, explanation, edges, faults, path };
}

/** On which systems the input of a leak would have to run, and where it is built and runs instead. */
export function platformsOfLeak({ edges, faults }: Leak): {
  readonly needs: readonly System[];
  readonly runsOn: readonly System[];
} {
  const all = [...edges, ...faults];
  return {
    needs: [...new Set(all.flatMap(({ needs }) => needs))],
    runsOn: [...new Set(all.map(({ runsOn }) => runsOn))],
  };
}
