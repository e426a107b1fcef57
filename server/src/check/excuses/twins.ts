import type { DerivationGraph } from '../../model/derivationGraph.ts';
import { nativeName } from '../../derivation/triples.ts';
import type { DerivationId, EdgeRole } from '../../model/derivation.ts';
import type { CrossingEdge } from '../../model/judgement.ts';
import type { Compatibilities } from '../compatibilities.ts';

/** Adds to an edge that it has a twin for the build platform; edges of one consumer come one after the other. */
export type TwinNote = (edge: CrossingEdge) => CrossingEdge;

/**
 * A tool for the host platform in the place of one for the build platform does
 * no harm where its consumer has the same package for the build platform as well,
 * and tells its build to start that one, as by
 * `PYTHON=${python.pythonForBuild}/bin/python`: it is no more than a note then.
 */
export function twinNote(graph: DerivationGraph, compatibilities: Compatibilities): TwinNote {
  const { canRun } = compatibilities;
  let known: { readonly consumer: DerivationId; readonly names: ReadonlySet<string> } | undefined;
  const namesOf = (consumer: DerivationId): ReadonlySet<string> => {
    if (known?.consumer !== consumer)
      known = { consumer, names: namesForBuild(consumer, graph, compatibilities) };
    return known.names;
  };
  return (edge) => {
    if (edge.rule !== 'build-platform' || edge.severity === 'info') return edge;
    const { name, system, host } = graph.derivation(edge.input);
    const build = graph.system(edge.consumer);
    // One that another machine has to build is no matter of the wrong package set.
    if (host.kind !== 'system' || host.system === system || !canRun(system, build)) return edge;
    const twin = nativeName(name);
    if (!namesOf(edge.consumer).has(twin)) return edge;
    const explanation = `${edge.explanation}, but it has ${twin} for that as well`;
    return { ...edge, severity: 'info', explanation };
  };
}

/** What starts a build says nothing of the tools that it starts: every derivation has a shell as its builder. */
const startingRoles: ReadonlySet<EdgeRole> = new Set(['builder', 'args', 'stdenv']);

/** The names of a consumer's inputs that run where it is built, those aside that only start the build. */
function namesForBuild(
  consumer: DerivationId,
  graph: DerivationGraph,
  { canRun }: Compatibilities,
): ReadonlySet<string> {
  const build = graph.system(consumer);
  const names = new Set<string>();
  for (const { input, roles } of graph.inputs(consumer)) {
    if (roles.every((role) => startingRoles.has(role))) continue;
    const { name, host } = graph.derivation(input);
    if (host.kind === 'system' && canRun(host.system, build)) names.add(name);
  }
  return names;
}
