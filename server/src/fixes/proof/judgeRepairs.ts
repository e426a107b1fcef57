import type { DerivationId } from '../../model/derivation.ts';
import type { RuleLevels } from '../../model/judgement.ts';
import type { AttributedLeak } from '../../model/report.ts';
import type { Steps } from '../../model/slices.ts';
import type { JudgedClosure } from '../../running/repairedRun.ts';
import { findChanges, type Counterpart } from './closureChanges.ts';
import { ClosureComparison } from './comparison.ts';
import { effectOn, type RepairEffect } from './effects.ts';
import type { Harm } from './foundHarm.ts';
import { findHarm } from './harm.ts';
import { harmToMoved, movedOnPurpose } from './movedConsumers.ts';

/** A repair that was tried, perhaps with others: the leaks that it is meant for, in the closure before. */
export interface TriedRepair {
  readonly leaks: readonly AttributedLeak[];
  /**
   * It changes for which platform the consumers of the leaks are, and what needs
   * those up to the root, and not the inputs.
   */
  readonly movesConsumers: boolean;
  /** It gives consumers an input that they did not have. */
  readonly addsInputs: boolean;
}

/** What a repaired closure shows of the repairs that were tried together. */
export interface RepairedJudgement {
  /** Of each repair, in their order. */
  readonly effects: readonly RepairEffect[];
  readonly harm?: Harm;
  /** How many derivations were made anew for the same platform. */
  readonly rebuilt: number;
  /** Set where the root is for another platform now. */
  readonly movedRoot?: Counterpart;
}

/**
 * Compares a closure with the one of the repaired source, edge by edge. What was
 * wrong has to be the same package for the right platform then; what was right
 * has to be what it was, to the last word that a builder is given.
 *
 * @param levels what people set, by which an edge is wrong or not
 */
export function* judgeRepairs(
  before: JudgedClosure,
  after: JudgedClosure,
  tried: readonly TriedRepair[],
  levels: RuleLevels,
): Steps<RepairedJudgement> {
  const changes = yield* findChanges(before, after);
  const comparison = new ClosureComparison(before, after, changes, levels);
  const moving = tried.flatMap((repair) => (repair.movesConsumers ? repair.leaks : []));
  const harm =
    (yield* findHarm(comparison, {
      moves: movedOnPurpose(moving, before.graph),
      adds: consumersOf(tried.filter(({ addsInputs }) => addsInputs)),
    })) ?? harmToMoved(moving, before.graph, after.graph);
  return {
    effects: tried.map(({ leaks, movesConsumers }) => effectOn(leaks, movesConsumers, comparison)),
    ...(harm && { harm }),
    rebuilt: changes.rebuilt.length,
    ...(changes.movedRoot && { movedRoot: changes.movedRoot }),
  };
}

function consumersOf(tried: readonly TriedRepair[]): ReadonlySet<DerivationId> {
  return new Set(
    tried.flatMap(({ leaks }) => leaks.flatMap(({ edges }) => edges.map(({ consumer }) => consumer))),
  );
}
