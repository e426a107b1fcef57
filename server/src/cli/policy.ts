import { concernsSuppressions, findSuppressions, noSuppressions } from '../attribution/suppressions.ts';
import { applyPolicy, type PolicedReport } from '../check/policy.ts';
import { findUnusedSuppressions, type SuppressionFinding } from '../check/unusedSuppressions.ts';
import type { RunOutcome } from '../evaluation/run.ts';
import { readTargetFile } from '../evaluation/targetFile.ts';
import type { RuleLevels } from '../model/judgement.ts';
import type { NixParser } from '../syntax/parser.ts';
import { ChoiceError, problemLines } from './chosenTargets.ts';

/** What came of a run, its report as it is printed. */
export type PolicedOutcome =
  | { readonly kind: 'report'; readonly report: PolicedReport }
  | Exclude<RunOutcome, { readonly kind: 'report' }>;

/**
 * The levels of the rules: those of the target file in a folder, and then the command line's.
 *
 * @throws ChoiceError where that file is there and something is wrong in it: nobody knows what it wants to fail
 */
export async function levelsIn(root: string, rules: RuleLevels, directory: string): Promise<RuleLevels> {
  const file = await readTargetFile(root);
  if (file && file.problems.length > 0) throw new ChoiceError(problemLines(file, directory));
  return { ...file?.rules, ...rules };
}

/** Applies the levels, and the suppressions of the texts that were evaluated. */
export async function police(
  outcome: RunOutcome,
  levels: RuleLevels,
  parser: () => Promise<NixParser>,
): Promise<PolicedOutcome> {
  if (outcome.kind !== 'report') return outcome;
  const { report } = outcome;
  const suppressions = concernsSuppressions(report)
    ? findSuppressions(report, await parser())
    : noSuppressions;
  return { kind: 'report', report: applyPolicy(report, levels, suppressions) };
}

/** What is wrong with the suppressions; nothing where an evaluation failed, which may need them. */
export function suppressionFindings(outcomes: readonly PolicedOutcome[]): readonly SuppressionFinding[] {
  const reports = outcomes.flatMap((outcome) => (outcome.kind === 'report' ? outcome.report : []));
  return reports.length === outcomes.length ? findUnusedSuppressions(reports) : [];
}
