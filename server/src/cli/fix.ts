import type { PolicedReport } from '../check/policy.ts';
import { isWithin, realPath } from '../permissions/confinement.ts';
import { repairInRounds, type RepairedTexts } from '../fixes/applying/repairInRounds.ts';
import type { Fix } from '../fixes/fix.ts';
import type { ProofSubject } from '../fixes/proof/attempts.ts';
import { noTimeLeft } from '../fixes/proof/trial.ts';
import { relative, resolve } from 'node:path';
import type { RuleLevels } from '../model/judgement.ts';
import type { Report } from '../model/report.ts';
import { fixText, patchNote, patchText, whatWasDone, type FixResults } from '../output/fixText.ts';
import { paintFor, plainPaint } from '../output/paint.ts';
import { nameOfSubject, type EvaluationResult } from '../output/results.ts';
import { countOf } from '../output/sentences.ts';
import { terminalText } from '../output/shown.ts';
import { KeptEvaluations } from '../running/keptEvaluations.ts';
import type { RunOptions } from '../running/runParts.ts';
import { chooseTargets, type GivenTarget } from './chosenTargets.ts';
import { CommandFailure, type CommandEnvironment, type ExitStatus } from './commandEnvironment.ts';
import { evaluateTargets, type CommandEvaluation } from './evaluateTargets.ts';
import type { FixArguments } from './fixArguments.ts';
import { sourceRootOf } from './givenFiles.ts';
import { levelsIn, police, policyFolder } from './policeReports.ts';
import { printErrors } from './print.ts';
import { proofOptions } from './repairArguments.ts';
import { statusOf, worstOf } from './exitStatus.ts';
import { requireCommitted, writeTexts } from './writeRepairs.ts';

interface Judged {
  readonly report: PolicedReport;
  readonly options: RunOptions;
}

type Evaluation = CommandEvaluation<Judged>;

/** Applies what is proven, and tells what is left; or prints it as a patch. */
export async function fix(args: FixArguments, environment: CommandEnvironment): Promise<ExitStatus> {
  const { directory, writeError, writeOut } = environment;
  const targets = await chooseTargets(args, environment);
  const levels = await levelsIn(policyFolder(args, targets, directory), {}, directory);
  await using kept = new KeptEvaluations();
  const before = await evaluate(targets, args, levels, environment, kept);
  const repaired = await repair(before, args, levels, environment);
  const { applied } = repaired;
  const isDone = applied.length > 0 && !args.dryRun;
  if (isDone) await writeTexts(repaired.before, repaired.after, directory);
  // What is told is what Nix makes of the files themselves; copies were looked at before.
  const after = isDone
    ? await evaluate(targets, args, levels, environment).catch((error: unknown) => {
        if (!environment.signal.aborted) throw error;
        throw new CommandFailure(`cancelled, after files were written: ${whatWasDone(applied)}`);
      })
    : before;
  const evaluations = resultsOf(after, repaired, isDone);
  const isRestricted = args.rules.length > 0 || args.only.length > 0;
  const results: FixResults = { applied, evaluations, isRestricted, withheld: repaired.withheld };
  const isList = evaluations.length > 1 || args.all;
  printErrors({ evaluations, isList, dependences: [], unusedSuppressions: [] }, environment);
  if (args.dryRun) {
    await printPatch(repaired, before, environment);
    writeError(patchNote(results, directory, plainPaint));
  } else writeOut(fixText(results, directory, paintFor(environment.isTerminal)));
  if (repaired.left.some(({ fixes }) => fixes.some(isUntried)))
    writeError('note: there was no time to evaluate all repairs; --repairs-timeout gives them more\n');
  // A patch changes nothing yet.
  return worstOf(after.map((evaluation) => statusOf(resultOf(evaluation, []))));
}

async function evaluate(
  targets: readonly GivenTarget[],
  args: FixArguments,
  levels: RuleLevels,
  environment: CommandEnvironment,
  kept?: KeptEvaluations,
): Promise<Evaluation[]> {
  const judge = async (report: Report, options: RunOptions): Promise<Judged> => ({
    report: await police(report, levels, environment.parser),
    options,
  });
  return evaluateTargets(targets, args, environment, judge, kept);
}

/** @throws CommandFailure where a file would be edited that git could not give back */
async function repair(
  evaluations: readonly Evaluation[],
  args: FixArguments,
  levels: RuleLevels,
  environment: CommandEnvironment,
): Promise<RepairedTexts> {
  const { directory, evaluator, signal, showStatus, writeError } = environment;
  const parser = await environment.parser();
  const subjects = evaluations.flatMap(({ chosen: { label }, evaluateAs, outcome }): ProofSubject[] =>
    outcome.kind === 'judged' ? [{ ...outcome.value, label: nameOfSubject({ label, evaluateAs }) }] : [],
  );
  const files = new Set(subjects.flatMap(({ report }) => [...report.sources.keys()]));
  const only = new Set(args.only.map((file) => resolve(directory, file)));
  for (const file of args.only)
    if (!files.has(resolve(directory, file)))
      writeError(terminalText([`note: --only ${file}: no target reads this file of the workspace`]));
  const rules = new Set(args.rules);
  const looked = new Set<string>();
  try {
    const repaired = await repairInRounds(subjects, parser, evaluator, {
      signal,
      ...proofOptions(args),
      police: (report: Report) => police(report, levels, environment.parser),
      isWanted: ({ rule }) => rules.size === 0 || rules.has(rule),
      mayEdit: (file) => only.size === 0 || only.has(file),
      onStart: (causes) => showStatus(`checking ${countOf(causes, 'repair')}…`),
      onRound: async (chosen) => {
        const edited = new Set(chosen.flatMap(({ edits }) => edits.map(({ file }) => file)));
        const fresh = [...edited].filter((file) => !looked.has(file));
        for (const file of fresh) looked.add(file);
        if (!args.dryRun && !args.allowDirty) await requireCommitted(fresh, directory, signal);
      },
    });
    // Whoever interrupts it wants nothing written, not even what was proven until then.
    signal.throwIfAborted();
    return repaired;
  } catch (error) {
    if (signal.aborted) throw new CommandFailure('cancelled');
    throw error;
  } finally {
    showStatus(undefined);
  }
}

/** What the files are then, with the repairs that are not proven. */
function resultsOf(
  evaluations: readonly Evaluation[],
  { left }: RepairedTexts,
  isDone: boolean,
): EvaluationResult[] {
  const rest = [...left];
  return evaluations.map((evaluation) => {
    const seen = evaluation.outcome.kind === 'judged' ? rest.shift() : undefined;
    if (!seen || evaluation.outcome.kind !== 'judged') return resultOf(evaluation, []);
    const { report } = seen.subject;
    // Where the files give another root than their copies gave, nothing is known of repairs.
    const isSame = rootOf(report) === rootOf(evaluation.outcome.value.report);
    if (isDone && !isSame) return resultOf(evaluation, []);
    return resultOf(
      { ...evaluation, outcome: { kind: 'judged', value: { ...evaluation.outcome.value, report } } },
      seen.fixes,
    );
  });
}

function rootOf({ graph }: Report): string {
  return graph.derivation(graph.root).drvPath;
}

function resultOf(
  { chosen: { label, target }, evaluateAs, outcome }: Evaluation,
  fixes: readonly Fix[],
): EvaluationResult {
  return {
    label,
    target,
    evaluateAs,
    outcome:
      outcome.kind === 'failed'
        ? outcome
        : { kind: 'judged', report: outcome.value.report, known: [], fixes, fingerprints: new Map() },
  };
}

function isUntried({ proof }: Fix): boolean {
  return proof.kind === 'unproven' && proof.reason === noTimeLeft;
}

/**
 * The names in the patch start at the working directory; where a file lies
 * elsewhere, at the top of its repository. They are those of the files
 * themselves: git edits nothing through a link.
 */
async function printPatch(
  { before, after }: RepairedTexts,
  evaluations: readonly Evaluation[],
  { directory, isOnScreen, writeError, writeOut }: CommandEnvironment,
): Promise<void> {
  const names = new Map<string, string>();
  for (const file of after.keys()) names.set(file, await realPath(file));
  const here = await realPath(directory);
  const isHere = [...names.values()].every((file) => isWithin(file, here));
  const [workspace = directory] = evaluations.flatMap(({ outcome }) =>
    outcome.kind === 'judged' ? outcome.value.options.workspaceRoots : [],
  );
  const base = isHere ? here : sourceRootOf(await realPath(workspace));
  writeOut(patchText(before, after, (file) => relative(base, names.get(file) ?? file), isOnScreen));
  if (!isHere) writeError(terminalText([`note: names in the patch are relative to ${base}: apply it there`]));
}
