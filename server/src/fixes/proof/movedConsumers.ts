import { nativeName } from '../../derivation/triples.ts';
import type { DerivationId } from '../../model/derivation.ts';
import type { DerivationGraph } from '../../model/derivationGraph.ts';
import type { AttributedLeak } from '../../model/report.ts';
import type { Harm } from './foundHarm.ts';

/** What repairs that move the consumers of leaks are meant to make for another platform: those, and what needs them. */
export function movedOnPurpose(
  leaks: readonly AttributedLeak[],
  graph: DerivationGraph,
): ReadonlySet<DerivationId> {
  return new Set(leaks.flatMap((leak) => consumersUpwards(leak, graph)));
}

/** The consumers of a leak, and what is between them and the root and for the same platform. */
function consumersUpwards({ edges, path }: AttributedLeak, graph: DerivationGraph): DerivationId[] {
  const consumers = edges.map(({ consumer }) => consumer);
  const systems = new Set(consumers.map((id) => graph.system(id)));
  return [...consumers, ...path.slice(0, -1).filter((id) => systems.has(graph.system(id)))];
}

/** What a repair that moves the consumers of leaks leaves as it is, their inputs, has to be their input still. */
export function harmToMoved(
  leaks: readonly AttributedLeak[],
  before: DerivationGraph,
  after: DerivationGraph,
): Harm | undefined {
  for (const { edges, input } of leaks) {
    const { name, drvPath } = before.derivation(input);
    const users = namesOfUsers(after, after.findByDrvPath(drvPath));
    const lost = edges.find(({ consumer }) => !users.has(nativeName(before.derivation(consumer).name)));
    if (lost) return { name, reason: `${before.derivation(lost.consumer).name} would do without ${name}` };
  }
  return undefined;
}

/** The names of the packages that need an input. */
function namesOfUsers(graph: DerivationGraph, input: DerivationId | undefined): ReadonlySet<string> {
  const names = new Set<string>();
  if (input === undefined) return names;
  for (let id: DerivationId = 0; id < graph.size; id++)
    if (graph.inputIds(id).includes(input)) names.add(nativeName(graph.derivation(id).name));
  return names;
}
