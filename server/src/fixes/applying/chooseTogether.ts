import type { Fix } from '../fix.ts';
import { RangeIndex } from '../../model/rangeIndex.ts';
import { perStep, type Steps } from '../../model/slices.ts';

/**
 * The repairs that may be applied at once: of each cause the first one that is
 * proven for all targets, as far as one evaluation proved them together and
 * none edits what another one edits. What is left may be proven again once they
 * are applied.
 *
 * @param fixes of any number of reports, in the order in which they are offered
 */
export function* chooseTogether(fixes: readonly Fix[]): Steps<Fix[]> {
  const trials = new Map<string, Fix[]>();
  for (const { fix, trial } of preferredFixes(fixes)) {
    const others = trials.get(trial);
    if (others) others.push(fix);
    else trials.set(trial, [fix]);
  }
  yield;
  const [most = []] = [...trials.values()].sort((one, other) => other.length - one.length);
  const taken = new RangeIndex();
  const chosen: Fix[] = [];
  for (const [index, fix] of most.entries()) {
    if (index % perStep === 0) yield;
    if (fix.edits.some((edit) => taken.overlaps(edit))) continue;
    for (const edit of fix.edits) taken.add(edit);
    chosen.push(fix);
  }
  return chosen;
}

/** Of each cause the first repair that is proven for all targets; one that repairs a part only where there is no other. */
function preferredFixes(fixes: readonly Fix[]): { readonly fix: Fix; readonly trial: string }[] {
  const causes = new Map<string, { readonly fix: Fix; readonly trial: string }>();
  const wholeFirst = [...fixes].sort(
    (one, other) => Number(isWholeRepair(other)) - Number(isWholeRepair(one)),
  );
  for (const fix of wholeFirst) {
    if (!fix.proven || fix.isDoubtful || causes.has(fix.proven.cause)) continue;
    causes.set(fix.proven.cause, { fix, trial: fix.proven.trial });
  }
  return [...causes.values()];
}

/** Is it proven for all targets, sure to be meant, and nothing of its cause stays wrong in any of them? */
export function isWholeRepair({ proven, isDoubtful }: Fix): boolean {
  return proven !== undefined && !isDoubtful && !proven.isPartial;
}
