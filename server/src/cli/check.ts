import type { PolicedReport } from '../check/policy.ts';
import type { Report } from '../model/report.ts';
import type { RunOptions } from '../running/evaluator.ts';
import { proveFixes } from '../fixes/proveFixes.ts';
import type { RuleLevels } from '../model/judgement.ts';
import { baselineText, goneFrom, isBaselined, withoutKnown, type Baseline } from '../output/baseline.ts';
import { fingerprintsOf } from '../output/fingerprints.ts';
import { terminalText } from '../output/shown.ts';
import type { CheckResults, EvaluationResult, JudgedOutcome } from '../output/results.ts';
import type { CheckArguments } from './checkArguments.ts';
import { chooseTargets } from './chosenTargets.ts';
import { findDependences } from './dependences.ts';
import type { CommandEnvironment, ExitStatus } from './commandEnvironment.ts';
import { evaluateTargets, type CommandEvaluation } from './evaluateTargets.ts';
import { readBaseline, sourceRootOf, writeReport } from './givenFiles.ts';
import { levelsIn, police, policyFolder, suppressionFindings } from './policeReports.ts';
import { printErrors, printResults, printTargets } from './print.ts';
import { statusOf, worstOf } from './exitStatus.ts';

/** A report with what is told of it. */
interface JudgedValue extends JudgedOutcome {
  /** With the leaks that the baseline knows. */
  readonly whole: PolicedReport;
}

/** Evaluates, judges and prints. */
export async function check(args: CheckArguments, environment: CommandEnvironment): Promise<ExitStatus> {
  const { directory } = environment;
  const baseline = args.baseline === undefined ? undefined : await readBaseline(args.baseline, directory);
  const targets = await chooseTargets(args, environment);
  const levels = await levelsIn(policyFolder(args, targets, directory), args.rules, directory);
  if (args.list) return printTargets(targets, args, environment);
  const evaluations = await evaluateTargets(targets, args, environment, (report, options) =>
    judge(report, options, baseline, levels, args, environment),
  );
  const results: CheckResults = {
    evaluations: evaluations.map(({ chosen: { label, target }, evaluateAs, outcome }): EvaluationResult => ({
      label,
      target,
      evaluateAs,
      outcome: outcome.kind === 'judged' ? outcome.value : outcome,
    })),
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
  if (args.writeBaseline !== undefined) return update(args.writeBaseline, results, environment);
  await printResults(results, args, environment);
  const unheeded = results.unusedSuppressions.some(({ severity }) => severity === 'error') ? 1 : 0;
  return worstOf([...results.evaluations.map(statusOf), unheeded]);
}

/** From the report to what is told of it: with the levels that people want, and without what is allowed or known. */
async function judge(
  judged: Report,
  options: RunOptions,
  baseline: Baseline | undefined,
  levels: RuleLevels,
  args: CheckArguments,
  { directory, evaluator, parser: loadParser }: CommandEnvironment,
): Promise<JudgedValue> {
  const parser = await loadParser();
  const whole = await police(judged, levels, loadParser);
  const fingerprints = fingerprintsOf(whole, parser, sourceRootOf(directory));
  const { report, known } = baseline
    ? withoutKnown(whole, fingerprints, baseline)
    : { report: whole, known: [] };
  const told = new Set(report.leaks);
  const wantsFixes = args.fixes && args.writeBaseline === undefined && told.size > 0;
  const fixes = wantsFixes
    ? await proveFixes(whole, parser, evaluator, options, (leak) => told.has(leak))
    : [];
  return { kind: 'judged', whole, report, known, fixes, fingerprints };
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
