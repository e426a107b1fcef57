import type { DerivationGraph } from '../model/derivationGraph.ts';
import type { DerivationId } from '../model/derivation.ts';
import { perStep, type Steps } from '../model/slices.ts';
import type { System } from '../model/system.ts';

/** One of two closures of the same target, with the system that it was evaluated as. */
export interface EvaluatedClosure {
  readonly graph: DerivationGraph;
  readonly evaluatedAs: System;
}

/**
 * Where the evaluating machine's system comes into a closure: derivations of
 * the first closure that are built on its machine's system while their
 * counterpart is built on the other's, and whose consumers are not. What hangs
 * below them differs because they do. Empty where no difference is one of systems.
 */
export function* findSystemEntries(one: EvaluatedClosure, other: EvaluatedClosure): Steps<DerivationId[]> {
  const entries = new Set<DerivationId>();
  const seen = new Set<string>();
  const pending: (readonly [DerivationId, DerivationId])[] = [[one.graph.root, other.graph.root]];
  // The list grows while it is walked: breadth first, so that what is nearest to the root is found first.
  for (const [index, [left, right]] of pending.entries()) {
    if (index % perStep === 0) yield;
    const key = `${left} ${right}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const [a, b] = [one.graph.derivation(left), other.graph.derivation(right)];
    if (a.drvPath === b.drvPath) continue;
    if (a.system !== b.system) {
      if (a.system === one.evaluatedAs && b.system === other.evaluatedAs) entries.add(left);
      continue;
    }
    for (const pair of matchInputs(one.graph, left, other.graph, right)) pending.push(pair);
  }
  return [...entries];
}

/** Inputs that differ, matched by name and by the order among those of one name. */
function matchInputs(
  one: DerivationGraph,
  left: DerivationId,
  other: DerivationGraph,
  right: DerivationId,
): [DerivationId, DerivationId][] {
  const theirs = new Map<string, DerivationId[]>();
  for (const id of other.inputIds(right)) {
    const { name, drvPath } = other.derivation(id);
    if (one.findByDrvPath(drvPath) !== undefined) continue;
    theirs.set(name, [...(theirs.get(name) ?? []), id]);
  }
  return [...one.inputIds(left)].flatMap((id): [DerivationId, DerivationId][] => {
    const { name, drvPath } = one.derivation(id);
    if (other.findByDrvPath(drvPath) !== undefined) return [];
    const counterpart = theirs.get(name)?.shift();
    return counterpart === undefined ? [] : [[id, counterpart]];
  });
}
