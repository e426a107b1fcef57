import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { Report } from '../check/report.ts';
import type { EvaluationError } from '../model/evaluationError.ts';
import type { Evaluator, RunOptions } from '../evaluation/run.ts';
import type { Fix } from '../fixes/fix.ts';
import { proveFixes } from '../fixes/proveFixes.ts';
import type { EvaluationArguments, EvaluationRequest, EvaluationTarget } from '../model/target.ts';
import { displayPath, toJson } from '../output/toJson.ts';
import { plainPaint, terminalPaint, toText } from '../output/toText.ts';
import type { NixParser } from '../syntax/parser.ts';
import { isDerivationPath, type CheckArguments } from './arguments.ts';

/** Where the command reads and writes; a terminal gets colours. */
export interface CheckEnvironment {
  readonly directory: string;
  readonly evaluator: Evaluator;
  readonly parser: () => Promise<NixParser>;
  readonly signal: AbortSignal;
  readonly isTerminal: boolean;
  readonly writeOut: (text: string) => void;
  readonly writeError: (text: string) => void;
}

/** Exit statuses: no leak at error level in what could be read, at least one, could not evaluate. */
export type ExitStatus = 0 | 1 | 2;

/** Evaluates, judges and prints. */
export async function check(args: CheckArguments, environment: CheckEnvironment): Promise<ExitStatus> {
  const request = requestOf(args, environment.directory);
  if (typeof request === 'string') {
    environment.writeError(`error: ${request}\n`);
    return 2;
  }
  const options: RunOptions = {
    workspaceRoots: [workspaceOf(args, request.target, environment.directory)],
    directory: environment.directory,
    signal: environment.signal,
    limits: {
      timeoutMs: args.timeoutMs,
      memoryLimitMiB: args.memoryLimitMiB,
      allowImportFromDerivation: false,
    },
  };
  const outcome = await environment.evaluator.run(request, options);
  switch (outcome.kind) {
    case 'cancelled':
      environment.writeError('error: cancelled\n');
      return 2;
    case 'failed':
      for (const error of outcome.errors) environment.writeError(errorText(error, environment.directory));
      return 2;
    case 'report': {
      const fixes = await fixesFor(outcome.report, args, environment, options);
      if (environment.signal.aborted) {
        environment.writeError('error: cancelled\n');
        return 2;
      }
      print(outcome.report, fixes, args, environment);
      warnOfGaps(outcome.report, environment);
      if (outcome.report.leaks.some((leak) => leak.severity === 'error')) return 1;
      // What was not read may be wrong: nobody may take that for clean.
      return outcome.report.graph.gaps.length > 0 ? 2 : 0;
    }
  }
}

async function fixesFor(
  report: Report,
  args: CheckArguments,
  environment: CheckEnvironment,
  options: RunOptions,
): Promise<readonly Fix[]> {
  if (!args.fixes || report.leaks.length === 0) return [];
  return proveFixes(report, await environment.parser(), environment.evaluator, options);
}

function print(
  report: Report,
  fixes: readonly Fix[],
  args: CheckArguments,
  environment: CheckEnvironment,
): void {
  const json = toJson(report, fixes, environment.directory);
  if (args.format === 'json') environment.writeOut(`${JSON.stringify(json, undefined, 2)}\n`);
  else environment.writeOut(toText(json, environment.isTerminal ? terminalPaint : plainPaint));
}

/** A closure that was read in part may hold leaks that nobody saw: said also where only the JSON is read. */
function warnOfGaps({ graph }: Report, environment: CheckEnvironment): void {
  const count = graph.gaps.length;
  if (count === 0) return;
  const what = count === 1 ? '1 derivation' : `${count} derivations`;
  environment.writeError(`warning: ${what} of the closure could not be read, and nothing below was judged\n`);
}

/** The request, or what is wrong with the command line. */
function requestOf(args: CheckArguments, directory: string): EvaluationRequest | string {
  const target = targetOf(args, directory);
  if (typeof target === 'string') return target;
  return { target, ...(args.as !== undefined ? { evaluateAs: args.as } : {}) };
}

function targetOf(args: CheckArguments, directory: string): EvaluationTarget | string {
  const given: EvaluationArguments = {
    arg: args.arg,
    argstr: args.argstr,
    include: args.include,
    option: args.option,
  };
  const { installable } = args;
  if (installable !== undefined) {
    if (isDerivationPath(installable))
      return { kind: 'derivation', drvPath: resolve(directory, installable) };
    const hash = installable.indexOf('#');
    const flake = hash === -1 ? installable : installable.slice(0, hash);
    const attribute = hash === -1 ? '' : installable.slice(hash + 1);
    return { kind: 'flake', flake: flakeReference(flake, directory), attribute, arguments: given };
  }
  const takesFile = args.attribute !== undefined || args.arg.length > 0 || args.argstr.length > 0;
  const file = args.file ?? defaultFile(directory, takesFile);
  if (file === undefined) {
    return 'there is neither a default.nix nor a flake.nix here; name a file with --file, or an installable such as .#hello';
  }
  if (file.endsWith('flake.nix') && args.file === undefined) {
    if (args.arg.length > 0 || args.argstr.length > 0) {
      return '--arg and --argstr need --file: there is no default.nix here, and a flake takes no arguments';
    }
    return { kind: 'flake', flake: directory, attribute: args.attribute ?? '', arguments: given };
  }
  const isSearchPath = file.startsWith('<');
  return {
    kind: 'file',
    file: isSearchPath ? file : resolve(directory, file),
    attribute: args.attribute ?? '',
    arguments: given,
  };
}

/** @param takesFile flags were given that speak of a file */
function defaultFile(directory: string, takesFile: boolean): string | undefined {
  const names = takesFile ? ['default.nix', 'flake.nix'] : ['flake.nix', 'default.nix'];
  return names.map((name) => join(directory, name)).find((file) => existsSync(file));
}

/** A path of a flake made absolute; any other flake reference stays as it is. */
function flakeReference(reference: string, directory: string): string {
  if (reference === '') return directory;
  return /^(\.|\/|~)/.test(reference) ? resolve(directory, reference) : reference;
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
  return `${place}error: ${error.message}\n${error.advice === undefined ? '' : `  ${error.advice}\n`}`;
}
