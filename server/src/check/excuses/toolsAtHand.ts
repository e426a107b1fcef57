import type { DerivationGraph } from '../../model/derivationGraph.ts';
import { nativeName } from '../../derivation/triples.ts';
import type { Derivation, DerivationId, EdgeRole } from '../../model/derivation.ts';
import type { CrossingEdge } from '../../model/judgement.ts';
import { packageName, toolOf } from '../scripts/buildTools.ts';
import { crossHost } from '../hostSystems.ts';

export const propagatedRoles: ReadonlySet<EdgeRole> = new Set([
  'depsBuildBuildPropagated',
  'propagatedNativeBuildInputs',
  'depsBuildTargetPropagated',
  'depsHostHostPropagated',
  'propagatedBuildInputs',
]);

/** The name of a derivation's package, the same for all platforms. */
export function toolName({ name }: Derivation): string {
  return packageName(nativeName(name));
}

/** What a setup hook brings along, for its own procedure to start, e.g. autoconf by `autoreconfHook`. */
export function toolsOfHook(graph: DerivationGraph, hook: DerivationId): string[] {
  return graph
    .inputs(hook)
    .filter(({ roles }) => roles.some((role) => propagatedRoles.has(role)))
    .map(({ input }) => graph.derivation(input))
    .filter((input) => crossHost(input) !== undefined)
    .map(toolName)
    .filter((name) => toolOf(name).pure || toolOf(name).startedByHooks === true);
}

/** Names of all that a consumer has for its build platform, what its inputs propagate included. */
export function nativeNames(graph: DerivationGraph, consumer: DerivationId): Set<string> {
  const names = new Set<string>();
  const seen = new Set<DerivationId>();
  const pending = [...graph.inputs(consumer)];
  for (const { input } of pending) {
    if (seen.has(input)) continue;
    seen.add(input);
    const derivation = graph.derivation(input);
    if (crossHost(derivation) === undefined) names.add(toolName(derivation));
    pending.push(
      ...graph.inputs(input).filter(({ roles }) => roles.some((role) => propagatedRoles.has(role))),
    );
  }
  return names;
}

/**
 * A setup hook is sourced, and so is right for any platform; but what it brings
 * along comes into the same place, and its procedures start that: they need it
 * for the platform that the consumer is built on.
 */
export function withHookTools(edge: CrossingEdge, graph: DerivationGraph): CrossingEdge {
  const input = graph.derivation(edge.input);
  if (edge.rule !== 'build-platform' || edge.severity !== 'info' || input.setupHookOnly !== true) return edge;
  const [tool] = toolsOfHook(graph, edge.input).filter(
    (name) => !nativeNames(graph, edge.consumer).has(name),
  );
  if (tool === undefined) return edge;
  const { name } = graph.derivation(edge.consumer);
  const explanation = `${input.name} brings ${tool} along for ${edge.runsOn}, and ${name} starts that while it is built`;
  return { ...edge, severity: 'warning', explanation };
}
