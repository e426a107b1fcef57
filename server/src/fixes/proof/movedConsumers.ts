import { nativeName } from '../../derivation/triples.ts';
import type { DerivationId } from '../../model/derivation.ts';
import type { DerivationGraph } from '../../model/derivationGraph.ts';
import type { AttributedLeak } from '../../model/report.ts';
import type { Harm, TriedRepair } from './tried.ts';

/** What repairs are meant to make for another platform: consumers of leaks, and what needs those. */
export function movedOnPurpose(
  tried: readonly TriedRepair[],
  graph: DerivationGraph,
): ReadonlySet<DerivationId> {
  const leaks = tried.flatMap((repair) => (repair.movesConsumers ? repair.leaks : []));
  return new Set(leaks.flatMap((leak) => consumersUpwards(leak, graph)));
}

/** The consumers of a leak, and what is between them and the root and for the same platform. */
function consumersUpwards({ edges, path }: AttributedLeak, graph: DerivationGraph): DerivationId[] {
  const consumers = edges.map(({ consumer }) => consumer);
  const systems = new Set(consumers.map((id) => graph.system(id)));
  return [...consumers, ...path.slice(0, -1).filter((id) => systems.has(graph.system(id)))];
}

/** What a repair that moves consumers leaves as it is, their inputs, has to be their input still. */
export function harmToMoved(
  tried: readonly TriedRepair[],
  before: DerivationGraph,
  after: DerivationGraph,
): Harm | undefined {
  for (const { leaks, movesConsumers } of tried) {
    if (!movesConsumers) continue;
    for (const { edges, input } of leaks) {
      const { name, drvPath } = before.derivation(input);
      const users = namesOfUsers(after, after.findByDrvPath(drvPath));
      const lost = edges.find(({ consumer }) => !users.has(nativeName(before.derivation(consumer).name)));
      if (lost) return { name, reason: `${before.derivation(lost.consumer).name} would do without ${name}` };
    }
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
