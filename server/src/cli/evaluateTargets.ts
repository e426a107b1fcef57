import { dirname, isAbsolute, resolve } from 'node:path';
import type { Report } from '../model/report.ts';
import type { KeptEvaluations } from '../running/keptEvaluations.ts';
import type { RunOptions } from '../running/runParts.ts';
import type { EvaluationError } from '../model/evaluationError.ts';
import type { System } from '../model/system.ts';
import type { EvaluationRequest, EvaluationTarget } from '../model/target.ts';
import { terminalText } from '../output/shown.ts';
import { givenLimits, type GivenTarget } from './chosenTargets.ts';
import { CommandFailure, type CommandEnvironment } from './commandEnvironment.ts';
import { runAndFetch } from './runAndFetch.ts';
import type { TargetArguments } from './targetArguments.ts';

/** One target evaluated as one system, and what was made of its report. */
export interface CommandEvaluation<T> {
  readonly chosen: GivenTarget;
  readonly evaluateAs: System | undefined;
  readonly outcome:
    | { readonly kind: 'judged'; readonly value: T }
    | { readonly kind: 'failed'; readonly errors: readonly EvaluationError[] };
}

/**
 * Evaluates each target as each of its systems, and judges what comes of it.
 *
 * @param use what is done with each report while other evaluations are under way
 * @param kept where the Nix of a target is kept for the evaluations of its repairs
 * @throws CommandFailure when cancelled
 */
export async function evaluateTargets<T>(
  targets: readonly GivenTarget[],
  args: TargetArguments,
  environment: CommandEnvironment,
  use: (report: Report, options: RunOptions) => Promise<T>,
  kept?: KeptEvaluations,
): Promise<CommandEvaluation<T>[]> {
  const pending = targets.flatMap((chosen) =>
    systemsOf(args, chosen).map((evaluateAs) => ({ chosen, evaluateAs })),
  );
  const { directory, signal, showsProgress, showStatus, writeError } = environment;
  let started = 0;
  const evaluations = await inTurn(pending, async ({ chosen, evaluateAs }) => {
    started += 1;
    if (showsProgress && pending.length > 1)
      writeError(terminalText([`[${started}/${pending.length}] ${chosen.label} ${evaluateAs ?? ''}`]));
    const { target, root } = chosen;
    const options: RunOptions = {
      workspaceRoots: [workspaceOf(args, target, directory)],
      // Relative paths of a target file start at its folder.
      directory: target.kind === 'expression' ? target.directory : (root ?? directory),
      signal,
      limits: givenLimits(args),
      ...(kept && { kept }),
      onProgress: (step) =>
        showStatus([...(pending.length > 1 ? [chosen.label] : []), `${step}…`].join(': ')),
      ...(root !== undefined && { confinement: { roots: [root], allowed: allowedPaths(args, directory) } }),
    };
    const request: EvaluationRequest = {
      target,
      ...(evaluateAs === undefined ? {} : { evaluateAs }),
      ...expected(args, chosen),
    };
    const outcome = args.fetch
      ? await runAndFetch(request, options, environment.evaluator, environment.nix)
      : await environment.evaluator.run(request, options);
    if (outcome.kind !== 'report') return { chosen, evaluateAs, outcome };
    const value = await use(outcome.report, options);
    return { chosen, evaluateAs, outcome: { kind: 'judged' as const, value } };
  });
  showStatus(undefined);
  return evaluations.map(({ outcome, ...named }) => {
    if (signal.aborted || outcome.kind === 'cancelled') throw new CommandFailure('cancelled');
    return { ...named, outcome };
  });
}

function allowedPaths({ allowPath }: TargetArguments, directory: string): string[] {
  return allowPath.map((path) => resolve(directory, path));
}

/** As the command line says, else as the target file does, else as this machine. */
function systemsOf({ as }: TargetArguments, { evaluateAs }: GivenTarget): readonly (System | undefined)[] {
  if (as.length > 0) return as;
  return evaluateAs ?? [undefined];
}

/** Where the outputs are meant to run: as the command line says, else as the target file does. */
function expected(
  { expect: asked }: TargetArguments,
  { expect: shared }: GivenTarget,
): Pick<EvaluationRequest, 'expect'> {
  const expect = asked ?? shared;
  return expect === undefined ? {} : { expect };
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

/** The workspace: what the person said, else the working directory where it holds the file, else the file's own. */
export function workspaceOf(args: TargetArguments, target: EvaluationTarget, directory: string): string {
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
