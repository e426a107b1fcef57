import type { DerivationGraph } from '../../model/derivationGraph.ts';
import { nativeName } from '../../derivation/triples.ts';
import type { DerivationId, EdgeRole } from '../../model/derivation.ts';
import type { CrossingEdge } from '../../model/judgement.ts';
import type { Compatibilities } from '../compatibilities.ts';
import { placeOfRole } from '../rules.ts';
import { propagatedRoles } from './toolsAtHand.ts';

/** Adds to an edge that it has a twin for the build platform; edges of one consumer come one after the other. */
export type TwinNote = (edge: CrossingEdge) => CrossingEdge;

/** Does something of what a builder is given name a program of an input, to be started? */
export type NamesProgramOf = (consumer: DerivationId, input: DerivationId) => boolean;

/** Nothing else starts a build, and every derivation has a shell as its builder: they say nothing of the tools. */
const startingRoles: ReadonlySet<EdgeRole> = new Set(['builder', 'args', 'stdenv']);

/**
 * A tool for the host platform in the place of one for the build platform does
 * no harm where its consumer has the same package for the build platform as well,
 * and finds that one: on its PATH, or because it is told to start it, as by
 * `PYTHON=${python.pythonForBuild}/bin/python`. It is no more than a note then.
 */
export function twinNote(
  graph: DerivationGraph,
  compatibilities: Compatibilities,
  namesProgramOf: NamesProgramOf,
): TwinNote {
  const { canRun } = compatibilities;
  let known: { readonly consumer: DerivationId; readonly names: ReadonlySet<string> } | undefined;
  const namesOf = (consumer: DerivationId): ReadonlySet<string> => {
    if (known?.consumer !== consumer)
      known = { consumer, names: namesForBuild(consumer, graph, compatibilities, namesProgramOf) };
    return known.names;
  };
  return (edge) => {
    if (edge.rule !== 'build-platform' || edge.severity === 'info') return edge;
    if (edge.roles.some((role) => startingRoles.has(role))) return edge;
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

/**
 * The names of what runs where a consumer is built and is started there: what is
 * on the PATH, what that brings along, and what the build is told to start.
 */
function namesForBuild(
  consumer: DerivationId,
  graph: DerivationGraph,
  { canRun }: Compatibilities,
  namesProgramOf: NamesProgramOf,
): ReadonlySet<string> {
  const build = graph.system(consumer);
  const names = new Set<string>();
  const onPath: DerivationId[] = [];
  for (const { input, roles } of graph.inputs(consumer)) {
    if (roles.every((role) => startingRoles.has(role))) continue;
    const { name, host } = graph.derivation(input);
    const isTool = roles.some((role) => placeOfRole[role] === 'build' && !startingRoles.has(role));
    if (isTool) onPath.push(input);
    if (host.kind !== 'system' || !canRun(host.system, build)) continue;
    if (isTool || names.has(name) || namesProgramOf(consumer, input)) names.add(name);
  }
  for (const name of broughtNames(onPath, graph, (system) => canRun(system, build))) names.add(name);
  return names;
}

/** The names of what these propagate, of what that propagates, and of what setup hooks among them start. */
function broughtNames(
  from: readonly DerivationId[],
  graph: DerivationGraph,
  runs: (system: string) => boolean,
): ReadonlySet<string> {
  const names = new Set<string>();
  const seen = new Set<DerivationId>();
  const pending = [...from];
  for (const id of pending) {
    if (seen.has(id)) continue;
    seen.add(id);
    const isHook = graph.derivation(id).setupHookOnly === true;
    for (const { input, roles } of graph.inputs(id)) {
      const isPropagated = roles.some((role) => propagatedRoles.has(role));
      if (!isPropagated && (!isHook || roles.every((role) => startingRoles.has(role)))) continue;
      const { name, host } = graph.derivation(input);
      if (host.kind === 'system' && runs(host.system)) names.add(name);
      if (isPropagated) pending.push(input);
    }
  }
  return names;
}
