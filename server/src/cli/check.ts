import { dirname, isAbsolute, resolve } from 'node:path';
import { findSystemDependence, type SystemDependence } from '../attribution/systemDependence.ts';
import type { PolicedReport } from '../check/policy.ts';
import type { SuppressionFinding } from '../check/unusedSuppressions.ts';
import type { NixEnvironment } from '../evaluation/environment.ts';
import type { Evaluator, RunOptions } from '../evaluation/run.ts';
import type { Fix } from '../fixes/fix.ts';
import { proveFixes } from '../fixes/proveFixes.ts';
import type { EvaluationError } from '../model/evaluationError.ts';
import type { RuleLevels } from '../model/judgement.ts';
import type { System } from '../model/system.ts';
import type { EvaluationRequest, EvaluationTarget } from '../model/target.ts';
import { unusedSuppressionJson, unusedSuppressionText } from '../output/unusedSuppression.ts';
import { dependenceJson, dependenceText } from '../output/systemDependence.ts';
import { displayPath, toJson } from '../output/toJson.ts';
import { plainPaint, terminalPaint, toText } from '../output/toText.ts';
import type { NixParser } from '../syntax/parser.ts';
import type { CheckArguments } from './arguments.ts';
import { ChoiceError, chosenTargets, type ChosenTarget } from './chosenTargets.ts';
import { runWithInputs } from './missingInputs.ts';
import { levelsIn, police, suppressionFindings, type PolicedOutcome } from './policy.ts';

/** Where the command reads and writes; a terminal gets colours. */
export interface CheckEnvironment {
  readonly directory: string;
  readonly evaluator: Evaluator;
  /** @throws NixUnavailableError */
  readonly nix: (signal: AbortSignal) => Promise<NixEnvironment>;
  readonly parser: () => Promise<NixParser>;
  readonly signal: AbortSignal;
  readonly isTerminal: boolean;
  /** Standard error is a terminal, too. */
  readonly showsProgress: boolean;
  readonly writeOut: (text: string) => void;
  readonly writeError: (text: string) => void;
}

/** Exit statuses: nothing at error level in what could be read, at least one, could not evaluate. */
export type ExitStatus = 0 | 1 | 2;

/** One target evaluated as one system, and what came of it. */
interface Evaluation {
  readonly chosen: ChosenTarget;
  readonly evaluateAs: System | undefined;
  readonly outcome: PolicedOutcome;
  readonly fixes: readonly Fix[];
}

/** Evaluates, judges and prints. */
export async function check(args: CheckArguments, environment: CheckEnvironment): Promise<ExitStatus> {
  const { directory, signal, writeOut, writeError } = environment;
  const limits = {
    timeoutMs: args.timeoutMs,
    memoryLimitMiB: args.memoryLimitMiB,
    allowImportFromDerivation: false,
  };
  const warn = (message: string): void => writeError(`warning: ${message}\n`);
  let chosen: readonly ChosenTarget[];
  let levels: RuleLevels;
  try {
    chosen = await chosenTargets(args, { directory, limits, signal, environment: environment.nix, warn });
    levels = await levelsIn(policyFolder(args, chosen, directory), args.rules, directory);
  } catch (error) {
    if (signal.aborted) {
      writeError('error: cancelled\n');
      return 2;
    }
    if (!(error instanceof ChoiceError)) throw error;
    for (const line of error.message.split('\n')) writeError(`error: ${line}\n`);
    return 2;
  }
  if (args.list) {
    const rows = chosen.map(({ label, evaluateAs }) => ({ label, ...(evaluateAs ? { evaluateAs } : {}) }));
    if (args.format === 'json') writeOut(`${JSON.stringify({ version: 1, targets: rows }, undefined, 2)}\n`);
    else for (const { label, evaluateAs } of rows) writeOut(`${[label, ...(evaluateAs ?? [])].join('  ')}\n`);
    return 0;
  }
  const pending = chosen.flatMap((target) =>
    systemsOf(args, target).map((evaluateAs) => ({ chosen: target, evaluateAs })),
  );
  let started = 0;
  const evaluations = await inTurn(pending, async (next): Promise<Evaluation> => {
    started += 1;
    if (environment.showsProgress && pending.length > 1)
      writeError(`[${started}/${pending.length}] ${next.chosen.label} ${next.evaluateAs ?? ''}\n`);
    const options: RunOptions = {
      workspaceRoots: [workspaceOf(args, next.chosen.target, directory)],
      directory: next.chosen.target.kind === 'expression' ? next.chosen.target.directory : directory,
      signal,
      limits,
    };
    const request: EvaluationRequest = {
      target: next.chosen.target,
      ...(next.evaluateAs === undefined ? {} : { evaluateAs: next.evaluateAs }),
    };
    const found = args.fetch
      ? await runWithInputs(request, options, environment.evaluator, environment.nix)
      : await environment.evaluator.run(request, options);
    const outcome = await police(found, levels, environment.parser);
    const fixes = outcome.kind === 'report' ? await fixesFor(outcome.report, args, environment, options) : [];
    return { ...next, outcome, fixes };
  });
  if (signal.aborted || evaluations.some(({ outcome }) => outcome.kind === 'cancelled')) {
    writeError('error: cancelled\n');
    return 2;
  }
  const [only] = evaluations;
  const unused = suppressionFindings(evaluations.map(({ outcome }) => outcome));
  if (evaluations.length === 1 && only && !args.all) printOne(only, unused, args, environment);
  else await printAll(evaluations, unused, args, environment);
  const unheeded: ExitStatus = unused.some(({ severity }) => severity === 'error') ? 1 : 0;
  return [...evaluations.map(statusOf), unheeded].reduce<ExitStatus>(
    (worst, status) => (status > worst ? status : worst),
    0,
  );
}

/** As the command line says, else as the target file does, else as this machine. */
function systemsOf({ as }: CheckArguments, { evaluateAs }: ChosenTarget): readonly (System | undefined)[] {
  if (as.length > 0) return as;
  return evaluateAs ?? [undefined];
}

/** Two at a time: an evaluation takes one processor and much memory, and each has a plain and a probed one. */
async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const rest = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of rest) results[index] = await work(item);
  };
  await Promise.all([worker(), worker()]);
  return results;
}

/** What could not be evaluated or read may be wrong: nobody may take that for clean. */
function statusOf({ outcome }: Evaluation): ExitStatus {
  if (outcome.kind !== 'report') return 2;
  if (outcome.report.leaks.some((leak) => leak.severity === 'error')) return 1;
  return outcome.report.graph.gaps.length > 0 ? 2 : 0;
}

/** Where the target file lies that holds for the targets: where they are named, else in their workspace. */
function policyFolder(args: CheckArguments, [target]: readonly ChosenTarget[], directory: string): string {
  const isDirect = !args.all && args.target === undefined && !args.list;
  if (isDirect && target) return workspaceOf(args, target.target, directory);
  return resolve(directory, args.workspace ?? '.');
}

function printOne(
  { outcome, fixes }: Evaluation,
  unused: readonly SuppressionFinding[],
  args: CheckArguments,
  environment: CheckEnvironment,
): void {
  if (outcome.kind === 'failed')
    for (const error of outcome.errors) environment.writeError(errorText(error, environment.directory));
  if (outcome.kind !== 'report') return;
  print(outcome.report, fixes, unused, args, environment);
  warnOfGaps(outcome.report, environment);
}

/** Each target's first report of another system, compared with its first one. */
async function findDependences(
  evaluations: readonly Evaluation[],
  environment: CheckEnvironment,
): Promise<{ readonly label: string; readonly found: SystemDependence }[]> {
  const firsts = new Map<ChosenTarget, PolicedReport>();
  const dependences: { readonly label: string; readonly found: SystemDependence }[] = [];
  for (const { chosen, outcome } of evaluations) {
    if (outcome.kind !== 'report') continue;
    const first = firsts.get(chosen);
    if (!first) {
      firsts.set(chosen, outcome.report);
      continue;
    }
    const parser = await environment.parser();
    const found = findSystemDependence(outcome.report, first, parser);
    if (found) dependences.push({ label: chosen.label, found });
  }
  return dependences;
}

/** Every evaluation in the order of the targets; the errors of those that failed go to stderr as well. */
async function printAll(
  evaluations: readonly Evaluation[],
  unused: readonly SuppressionFinding[],
  args: CheckArguments,
  environment: CheckEnvironment,
): Promise<void> {
  const { directory, isTerminal, writeOut, writeError } = environment;
  const dependences = (await findDependences(evaluations, environment)).map(({ label, found }) =>
    dependenceJson(label, found, directory),
  );
  const unusedSuppressions = unused.map((finding) => unusedSuppressionJson(finding, directory));
  const statuses = evaluations.map(statusOf);
  const count = (status: ExitStatus): number => statuses.filter((other) => other === status).length;
  const summary = { evaluations: evaluations.length, clean: count(0), leaking: count(1), unknown: count(2) };
  for (const { chosen, evaluateAs, outcome } of evaluations) {
    const name = [chosen.label, evaluateAs === undefined ? '' : `as ${evaluateAs}`]
      .filter(Boolean)
      .join(', ');
    if (outcome.kind === 'failed') {
      writeError(`${name} could not be evaluated:\n`);
      for (const error of outcome.errors) writeError(errorText(error, directory));
    }
    if (outcome.kind === 'report') warnOfGaps(outcome.report, environment);
  }
  if (args.format === 'json') {
    const rows = evaluations.map(({ chosen, evaluateAs, outcome, fixes }) => ({
      label: chosen.label,
      ...(evaluateAs === undefined ? {} : { evaluateAs }),
      ...(outcome.kind === 'report'
        ? { report: toJson(outcome.report, fixes, directory) }
        : { errors: outcome.kind === 'failed' ? outcome.errors.map(({ message }) => message) : [] }),
    }));
    const all = {
      version: 1,
      summary,
      evaluations: rows,
      systemDependences: dependences,
      unusedSuppressions,
    };
    writeOut(`${JSON.stringify(all, undefined, 2)}\n`);
    return;
  }
  const paint = isTerminal ? terminalPaint : plainPaint;
  for (const { chosen, outcome, fixes } of evaluations) {
    if (outcome.kind !== 'report') continue;
    if (chosen.label !== '') writeOut(`${paint.bold(chosen.label)}\n`);
    writeOut(`${toText(toJson(outcome.report, fixes, directory), paint)}\n`);
  }
  for (const finding of unusedSuppressions) writeOut(unusedSuppressionText(finding, paint));
  for (const dependence of dependences) writeOut(`${dependenceText(dependence, paint)}\n`);
  const { clean, leaking, unknown } = summary;
  writeOut(`${evaluations.length} evaluations: ${clean} clean, ${leaking} leaking, ${unknown} not told\n`);
}

async function fixesFor(
  report: PolicedReport,
  args: CheckArguments,
  environment: CheckEnvironment,
  options: RunOptions,
): Promise<readonly Fix[]> {
  if (!args.fixes || report.leaks.length === 0) return [];
  return proveFixes(report, await environment.parser(), environment.evaluator, options);
}

function print(
  report: PolicedReport,
  fixes: readonly Fix[],
  unused: readonly SuppressionFinding[],
  args: CheckArguments,
  environment: CheckEnvironment,
): void {
  const { directory } = environment;
  const json = {
    ...toJson(report, fixes, directory),
    unusedSuppressions: unused.map((finding) => unusedSuppressionJson(finding, directory)),
  };
  if (args.format === 'json') environment.writeOut(`${JSON.stringify(json, undefined, 2)}\n`);
  else {
    const paint = environment.isTerminal ? terminalPaint : plainPaint;
    environment.writeOut(toText(json, paint));
    for (const finding of json.unusedSuppressions)
      environment.writeOut(unusedSuppressionText(finding, paint));
  }
}

/** A closure that was read in part may hold leaks that nobody saw: said also where only the JSON is read. */
function warnOfGaps({ graph }: PolicedReport, environment: CheckEnvironment): void {
  const count = graph.gaps.length;
  if (count === 0) return;
  const what = count === 1 ? '1 derivation' : `${count} derivations`;
  environment.writeError(`warning: ${what} of the closure could not be read, and nothing below was judged\n`);
}

/** The workspace: what the person said, else the working directory where it holds the file, else the file's own. */
function workspaceOf(args: CheckArguments, target: EvaluationTarget, directory: string): string {
  if (args.workspace !== undefined) return resolve(directory, args.workspace);
  const path = pathOf(target, directory);
  if (!isAbsolute(path) || path === directory || path.startsWith(`${directory}/`)) return directory;
  return target.kind === 'file' || target.kind === 'composed' ? dirname(path) : path;
}

function pathOf(target: EvaluationTarget, directory: string): string {
  switch (target.kind) {
    case 'file':
    case 'composed':
      return target.file;
    case 'flake':
      return target.flake;
    case 'expression':
      return target.directory;
    case 'derivation':
      return directory;
  }
}

function errorText(error: EvaluationError, directory: string): string {
  const { source } = error;
  const place = source
    ? `${displayPath(source.file, directory)}:${source.range.start.line + 1}:${source.range.start.character + 1}: `
    : '';
  const advice = error.action
    ? 'With --fetch, what is missing is fetched; nothing is downloaded without being asked for.'
    : error.advice;
  return `${place}error: ${error.message}\n${advice === undefined ? '' : `  ${advice}\n`}`;
}
