import type { DerivationGraph } from '../model/derivationGraph.ts';
import type { DerivationId } from '../model/derivation.ts';
import type { JudgementContext } from '../model/judgementContext.ts';
import { compatibilitiesOf } from './compatibilities.ts';

/** Tells the foreign derivations of a graph from the others. */
export type ForeignTest = (id: DerivationId) => boolean;

/**
 * A derivation is foreign to a closure when its builder runs neither inside Nix
 * nor on a machine of the root's build or host platform.
 */
export function isForeignTo(graph: DerivationGraph, context: JudgementContext): ForeignTest {
  const { canRun } = compatibilitiesOf(context);
  const { system, host } = graph.derivation(graph.root);
  const machines = host.kind === 'system' ? [system, host.system] : [system];
  return (id) => {
    const derivation = graph.derivation(id);
    return !derivation.builtin && !machines.some((machine) => canRun(derivation.system, machine));
  };
}
