import type { DerivationGraph } from '../../model/derivationGraph.ts';
import type { DerivationId } from '../../model/derivation.ts';
import { perStep, type Steps } from '../../model/slices.ts';
import type { Compatibilities } from '../compatibilities.ts';
import { crossHost } from '../hostSystems.ts';
import { placeOfRole } from '../rules.ts';

/** A setup hook, with what sources it while it is built. */
export interface UsedHook {
  readonly hook: DerivationId;
  readonly consumers: readonly DerivationId[];
}

/** Finds the pure setup hooks of a closure that cross-compiled derivations have for their build. */
export function* findUsedHooks(
  graph: DerivationGraph,
  { canRun }: Compatibilities,
): Steps<readonly UsedHook[]> {
  const consumersOf = new Map<DerivationId, DerivationId[]>();
  for (let id: DerivationId = 0; id < graph.size; id++) {
    if (id % perStep === 0) yield;
    const consumer = graph.derivation(id);
    const host = crossHost(consumer);
    if (host === undefined || canRun(host, consumer.system) || consumer.setupHookOnly === true) continue;
    for (const { input, roles } of graph.inputs(id)) {
      const { setupHookOnly, system } = graph.derivation(input);
      if (setupHookOnly !== true || !canRun(system, consumer.system)) continue;
      if (!roles.some((role) => placeOfRole[role] === 'build')) continue;
      const known = consumersOf.get(input);
      if (known) known.push(id);
      else consumersOf.set(input, [id]);
    }
  }
  return [...consumersOf].map(([hook, consumers]) => ({ hook, consumers }));
}
