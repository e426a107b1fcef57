import { resolve } from 'node:path';
import { readSuppressionsOf } from '../attribution/findSuppressions.ts';
import { applyPolicy, type PolicedReport } from '../check/policy.ts';
import { findUnusedSuppressions, type SuppressionFinding } from '../check/unusedSuppressions.ts';
import type { Report } from '../model/report.ts';
import { readTargetFile } from '../targets/targetFile.ts';
import type { RuleLevels } from '../model/judgement.ts';
import type { NixParser } from '../syntax/parser.ts';
import { ChoiceError, problemLines, type GivenTarget } from './chosenTargets.ts';
import { workspaceOf } from './evaluateTargets.ts';
import type { TargetArguments } from './targetArguments.ts';

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

/** The folder whose target file holds for the targets: where they are named, else their workspace. */
export function policyFolder(
  args: TargetArguments,
  [chosen]: readonly GivenTarget[],
  directory: string,
): string {
  const isDirect = !args.all && args.target === undefined && !args.list;
  if (isDirect && chosen) return workspaceOf(args, chosen.target, directory);
  return resolve(directory, args.workspace ?? '.');
}

/** Applies the levels, and the suppressions of the texts that were evaluated. */
export async function police(
  report: Report,
  levels: RuleLevels,
  loadParser: () => Promise<NixParser>,
): Promise<PolicedReport> {
  return applyPolicy(report, levels, await readSuppressionsOf(report, loadParser));
}

/** What is wrong with the suppressions; nothing where an evaluation failed, which may need them. */
export function suppressionFindings(
  reports: readonly (PolicedReport | undefined)[],
): readonly SuppressionFinding[] {
  const made = reports.filter((report) => report !== undefined);
  return made.length === reports.length ? findUnusedSuppressions(made) : [];
}
