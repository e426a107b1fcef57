import type { DerivationGraph } from '../derivation/graph.ts';
import { nativeName } from '../derivation/triples.ts';
import type { CrossingEdge } from '../model/judgement.ts';
import type { Compatibilities } from './compatibilities.ts';

/**
 * A tool for the host platform in the place of one for the build platform does
 * no harm where its consumer has the same package for the build platform as well,
 * and tells its build to start that one, as by
 * `PYTHON=${python.pythonForBuild}/bin/python`: it is no more than a note then.
 */
export function withTwin(
  edge: CrossingEdge,
  graph: DerivationGraph,
  compatibilities: Compatibilities,
): CrossingEdge {
  if (edge.rule !== 'build-platform' || edge.severity === 'info') return edge;
  const twin = findTwin(edge, graph, compatibilities);
  if (twin === undefined) return edge;
  const explanation = `${edge.explanation}, but it has ${twin} for that as well`;
  return { ...edge, severity: 'info', explanation };
}

/** The name of the same package among the consumer's inputs that run where it is built. */
function findTwin(
  { consumer, input }: CrossingEdge,
  graph: DerivationGraph,
  { canRun }: Compatibilities,
): string | undefined {
  const { name, system, host } = graph.derivation(input);
  const build = graph.system(consumer);
  // One that another machine has to build is no matter of the wrong package set.
  if (host.kind !== 'system' || host.system === system || !canRun(system, build)) return undefined;
  const wanted = nativeName(name);
  for (const id of graph.inputIds(consumer)) {
    const other = graph.derivation(id);
    if (other.name === wanted && other.host.kind === 'system' && canRun(other.host.system, build))
      return other.name;
  }
  return undefined;
}
