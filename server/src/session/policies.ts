import { dirname } from 'node:path';

import { applyPolicy, policeInSteps, sameLevels, type PolicedReport } from '../check/policy.ts';
import type { DerivationId } from '../model/derivation.ts';
import type { RuleLevels } from '../model/judgement.ts';
import type { Report } from '../model/report.ts';
import { inSlices } from '../model/slices.ts';
import type { SourceSuppressions } from '../model/suppression.ts';
import type { EvaluationTarget } from '../model/target.ts';
import type { Evaluated, Snapshot } from '../snapshot/snapshot.ts';

/** The levels of the rules for a target: what its folder's target file says, and then the settings. */
export function levelsFor(
  target: EvaluationTarget,
  { targetFiles, settings }: Pick<Snapshot, 'targetFiles' | 'settings'>,
): RuleLevels {
  const place = folderOf(target);
  const own = targetFiles.filter(
    ({ file }) => place !== undefined && `${place}/`.startsWith(`${dirname(file)}/`),
  );
  // Of a target from elsewhere nobody knows which folder means it: the first one is the workspace's.
  const files = own.length > 0 ? own : targetFiles.slice(0, 1);
  const inner = [...files].sort((one, other) => one.file.length - other.file.length);
  return [...inner, settings].reduce<RuleLevels>((levels, { rules }) => ({ ...levels, ...rules }), {});
}

function folderOf(target: EvaluationTarget): string | undefined {
  switch (target.kind) {
    case 'file':
    case 'composed':
      return dirname(target.file);
    case 'flake':
      return target.flake;
    case 'expression':
      return target.directory;
    case 'derivation':
      return undefined;
  }
}

/** What is answered from, with the repairs that are left, once these levels hold; the same where they hold already. */
export function underLevels<Known extends Pick<Evaluated, 'found' | 'report' | 'fixes' | 'isToBeProven'>>(
  known: Known,
  levels: RuleLevels,
): Known {
  if (sameLevels(known.report.levels, levels)) return known;
  const report = applyPolicy(known.found, levels, known.report.suppressions);
  const inputs = repairable(report);
  const former = repairable(known.report);
  return {
    ...known,
    report,
    fixes: known.fixes.filter(({ repairs }) => repairs.some((input) => inputs.has(input))),
    isToBeProven: known.isToBeProven || [...inputs].some((input) => !former.has(input)),
  };
}

function repairable({ leaks }: PolicedReport): ReadonlySet<DerivationId> {
  return new Set(leaks.filter(({ severity }) => severity !== 'info').map(({ input }) => input));
}

/**
 * Does in slices what an event does with a report: as long as the levels stay,
 * that finds it done.
 */
export async function policeAhead(
  report: Report,
  suppressions: SourceSuppressions,
  snapshot: Pick<Snapshot, 'targetFiles' | 'settings'>,
): Promise<void> {
  await inSlices(policeInSteps(report, levelsFor(report.request.target, snapshot), suppressions));
}
