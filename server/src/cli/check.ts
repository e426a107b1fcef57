import type { PolicedReport } from '../check/policy.ts';
import type { Report } from '../model/report.ts';
import { KeptEvaluations } from '../running/keptEvaluations.ts';
import type { RunOptions } from '../running/runParts.ts';
import { proveFixes } from '../fixes/proveFixes.ts';
import type { RuleLevels } from '../model/judgement.ts';
import { baselineText, goneFrom, isBaselined, withoutKnown, type Baseline } from '../output/baseline.ts';
import { fingerprintsOf } from '../output/fingerprints.ts';
import { countOf } from '../output/sentences.ts';
import { terminalText } from '../output/shown.ts';
import {
  nameOfSubject,
  type CheckResults,
  type EvaluationResult,
  type JudgedOutcome,
} from '../output/results.ts';
import type { CheckArguments } from './checkArguments.ts';
import { chooseTargets } from './chosenTargets.ts';
import { findDependences } from './dependences.ts';
import { CommandFailure, type CommandEnvironment, type ExitStatus } from './commandEnvironment.ts';
import { evaluateTargets, type CommandEvaluation } from './evaluateTargets.ts';
import { readBaseline, sourceRootOf, writeReport } from './givenFiles.ts';
import { levelsIn, police, policyFolder, suppressionFindings } from './policeReports.ts';
import { printErrors, printFindings, printResults, printTargets } from './print.ts';
import { proofOptions } from './repairArguments.ts';
import { statusOf, worstOf } from './exitStatus.ts';

/** A report with what is told of it. */
interface JudgedValue extends JudgedOutcome {
  /** With the leaks that the baseline knows. */
  readonly whole: PolicedReport;
  /** How its target was evaluated. */
  readonly options: RunOptions;
}

/** Evaluates, judges and prints. */
export async function check(args: CheckArguments, environment: CommandEnvironment): Promise<ExitStatus> {
  const { directory } = environment;
  const baseline = args.baseline === undefined ? undefined : await readBaseline(args.baseline, directory);
  const targets = await chooseTargets(args, environment);
  const levels = await levelsIn(policyFolder(args, targets, directory), args.rules, directory);
  if (args.list) return printTargets(targets, args, environment);
  await using kept = new KeptEvaluations();
  const evaluations = await evaluateTargets(
    targets,
    args,
    environment,
    (report, options) => judge(report, options, baseline, levels, environment),
    args.fixes && args.writeBaseline === undefined ? kept : undefined,
  );
  const results: CheckResults = {
    evaluations: resultsOf(evaluations, noFixes),
    dependences: await findDependences(
      evaluations.flatMap(({ chosen, outcome }) =>
        outcome.kind === 'judged' ? { chosen, report: outcome.value.whole } : [],
      ),
      environment,
    ),
    unusedSuppressions: suppressionFindings(
      evaluations.map(({ outcome }) => (outcome.kind === 'judged' ? outcome.value.whole : undefined)),
    ),
    isList: evaluations.length > 1 || args.all,
    ...(baseline && { gone: goneOf(baseline, evaluations) }),
  };
  printErrors(results, environment);
  if (args.writeBaseline !== undefined) return await update(args.writeBaseline, results, environment);
  if (args.fixes) {
    const isFirst = printFindings(results, args, environment);
    const fixes = await repairs(evaluations, args, environment);
    const whole = { ...results, evaluations: resultsOf(evaluations, fixes) };
    await printResults(whole, args, environment, isFirst ? 'the rest' : 'all');
  } else await printResults(results, args, environment, 'all');
  const unheeded = results.unusedSuppressions.some(({ severity }) => severity === 'error') ? 1 : 0;
  return worstOf([...results.evaluations.map(statusOf), unheeded]);
}

/** From the report to what is told of it: with the levels that people want, and without what is allowed or known. */
async function judge(
  judged: Report,
  options: RunOptions,
  baseline: Baseline | undefined,
  levels: RuleLevels,
  { directory, parser: loadParser }: CommandEnvironment,
): Promise<JudgedValue> {
  const parser = await loadParser();
  const whole = await police(judged, levels, loadParser);
  const fingerprints = fingerprintsOf(whole, parser, sourceRootOf(directory));
  const { report, known } = baseline
    ? withoutKnown(whole, fingerprints, baseline)
    : { report: whole, known: [] };
  return { kind: 'judged', whole, report, known, fixes: [], fingerprints, options };
}

function resultsOf(
  evaluations: readonly CommandEvaluation<JudgedValue>[],
  fixes: Awaited<ReturnType<typeof proveFixes>>,
): EvaluationResult[] {
  return evaluations.map(({ chosen: { label, target }, evaluateAs, outcome }) => ({
    label,
    target,
    evaluateAs,
    outcome:
      outcome.kind === 'judged' ? { ...outcome.value, fixes: fixes.get(outcome.value.whole) ?? [] } : outcome,
  }));
}

const noFixes: Awaited<ReturnType<typeof proveFixes>> = new Map();

/** The repairs of what is told, by the report of each evaluation. */
async function repairs(
  evaluations: readonly CommandEvaluation<JudgedValue>[],
  args: CheckArguments,
  { signal, evaluator, parser, showStatus }: CommandEnvironment,
): ReturnType<typeof proveFixes> {
  const judged = evaluations.flatMap((evaluation) =>
    evaluation.outcome.kind === 'judged'
      ? {
          label: nameOfSubject({ label: evaluation.chosen.label, evaluateAs: evaluation.evaluateAs }),
          ...evaluation.outcome.value,
        }
      : [],
  );
  const told = new Set(judged.flatMap(({ report }) => report.leaks));
  if (told.size === 0) return noFixes;
  const subjects = judged.map(({ label, whole, options }) => ({ label, report: whole, options }));
  try {
    const fixes = await proveFixes(subjects, await parser(), evaluator, {
      signal,
      ...proofOptions(args),
      isWanted: (_, leak) => told.has(leak),
      onStart: (causes) => showStatus(`checking ${countOf(causes, 'repair')}…`),
    });
    signal.throwIfAborted();
    return fixes;
  } catch (error) {
    if (signal.aborted) throw new CommandFailure('cancelled');
    throw error;
  } finally {
    showStatus(undefined);
  }
}

/** Nothing is known to be gone where something could not be evaluated or read. */
function goneOf(
  baseline: Baseline,
  evaluations: readonly CommandEvaluation<JudgedValue>[],
): ReturnType<typeof goneFrom> {
  const values = evaluations.flatMap(({ outcome }) => (outcome.kind === 'judged' ? outcome.value : []));
  const isAllKnown =
    values.length === evaluations.length && values.every(({ whole }) => whole.graph.gaps.length === 0);
  if (!isAllKnown) return [];
  const present = values.flatMap(({ fingerprints }) => [...fingerprints.values()].map(({ hash }) => hash));
  return goneFrom(baseline, new Set(present));
}

/** Writes the leaks that there are, known ones included. */
async function update(
  path: string,
  { evaluations }: CheckResults,
  { directory, writeError }: CommandEnvironment,
): Promise<ExitStatus> {
  if (evaluations.some(({ outcome }) => outcome.kind === 'failed')) {
    writeError(
      terminalText([
        `error: --write-baseline ${path}: nothing was written, since not everything could be evaluated`,
      ]),
    );
    return 2;
  }
  const entries = evaluations.flatMap(({ outcome }) =>
    outcome.kind === 'judged'
      ? [...outcome.report.leaks.filter(isBaselined), ...outcome.known].flatMap(
          (leak) => outcome.fingerprints.get(leak) ?? [],
        )
      : [],
  );
  await writeReport('--write-baseline', path, baselineText(entries), directory);
  const count = new Set(entries.map(({ hash }) => hash)).size;
  writeError(terminalText([`${path}: ${count} known ${count === 1 ? 'leak' : 'leaks'}`]));
  return worstOf(evaluations.map((evaluation) => (statusOf(evaluation) === 2 ? 2 : 0)));
}
