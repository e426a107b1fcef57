import type { EvaluationArguments } from '../model/target.ts';
import type { System } from '../model/system.ts';
import { NixFailure } from './failure.ts';
import { noFlakeConfig } from './flakeMetadata.ts';
import type { NixInstallation } from './installation.ts';
import { runNix } from './runNix.ts';
import type { NixResult, ProcessOptions } from './runNix.ts';

export interface EvaluateOptions extends ProcessOptions {
  /** Sets `builtins.currentSystem`; left out: this machine's. */
  readonly evaluateAs?: System;
  /** Import-from-derivation builds while evaluating; off unless allowed. */
  readonly allowImportFromDerivation?: boolean;
}

/** A file with an attribute path, as `nix-instantiate` takes them. */
export interface FileEvaluation {
  /** Absolute path, or a search path such as `<nixpkgs/nixos>`. */
  readonly file: string;
  /** Empty for the file's own value. */
  readonly attribute: string;
  readonly arguments: EvaluationArguments;
}

/** A derivation together with what `builtins.trace` printed on the way to it, in order. */
export interface TracedDerivation {
  readonly drvPath: string;
  readonly traces: readonly string[];
}

/**
 * Evaluates a file and writes the derivations to the store.
 *
 * @returns their store paths; several where the value is a set of derivations;
 *   `!OUTPUT` follows where an output other than the first is selected
 * @throws NixFailure
 */
export async function instantiateFile(
  nix: NixInstallation,
  evaluation: FileEvaluation,
  options: EvaluateOptions = {},
): Promise<string[]> {
  const { stdout } = await runNix(nix, 'nixInstantiate', fileArguments(evaluation, options), options);
  return stdout.split('\n').filter((line) => line !== '');
}

/**
 * Evaluates a file to its derivation's store path, writing nothing to the store
 * unless the evaluation needs it.
 *
 * @throws NixFailure
 */
export async function evaluateFileDrvPath(
  nix: NixInstallation,
  evaluation: FileEvaluation,
  options: EvaluateOptions = {},
): Promise<TracedDerivation> {
  const attribute = evaluation.attribute === '' ? 'drvPath' : `${evaluation.attribute}.drvPath`;
  const args = ['--eval', '--json', ...fileArguments({ ...evaluation, attribute }, options)];
  return tracedDerivation(await runReadOnlyFirst(nix, args, options));
}

/**
 * What `instantiateFile` gives, with the traces on the way to it. Nothing is
 * written to the store unless the evaluation needs it.
 *
 * @throws NixFailure
 */
export async function traceInstantiation(
  nix: NixInstallation,
  evaluation: FileEvaluation,
  options: EvaluateOptions = {},
): Promise<{ readonly roots: readonly string[]; readonly traces: readonly string[] }> {
  const args = fileArguments(evaluation, options);
  const { stdout, traces } = await runReadOnlyFirst(nix, ['--dry-run', ...args], options, args);
  return { roots: stdout.split('\n').filter((line) => line !== ''), traces };
}

export interface ExpressionOptions extends EvaluateOptions {
  readonly arguments?: EvaluationArguments;
  /** Attribute path of the value that is wanted; empty or left out: the expression's own. */
  readonly attribute?: string;
  /** Switches on `builtins.getFlake` and its kin. */
  readonly flakes?: boolean;
}

/**
 * Evaluates an expression and writes the derivations to the store.
 *
 * @returns their store paths, as of {@link instantiateFile}
 * @throws NixFailure
 */
export async function instantiateExpression(
  nix: NixInstallation,
  expression: string,
  options: ExpressionOptions = {},
): Promise<string[]> {
  const { attribute = '' } = options;
  const args = [
    ...expressionArguments(expression, options),
    ...(attribute === '' ? [] : ['--attr', attribute]),
  ];
  const { stdout } = await runNix(nix, 'nixInstantiate', args, options);
  return stdout.split('\n').filter((line) => line !== '');
}

/**
 * Evaluates an expression that is a derivation to its store path.
 *
 * @param options `write`: the derivations are written to the store
 * @throws NixFailure
 */
export async function evaluateDrvPath(
  nix: NixInstallation,
  expression: string,
  options: ExpressionOptions & { readonly write?: boolean } = {},
): Promise<TracedDerivation> {
  // Reading `drvPath` writes the derivations as soon as the store may be written to.
  const attribute = [options.attribute ?? '', 'drvPath'].filter(Boolean).join('.');
  const args = ['--eval', '--json', ...expressionArguments(expression, options), '--attr', attribute];
  const result = options.write
    ? await runNix(nix, 'nixInstantiate', ['--read-write-mode', ...args], options)
    : await runReadOnlyFirst(nix, args, options);
  return tracedDerivation(result);
}

/**
 * Evaluates an expression strictly to the value of its JSON.
 *
 * @throws NixFailure
 */
export async function evaluateExpression(
  nix: NixInstallation,
  expression: string,
  options: ExpressionOptions = {},
): Promise<unknown> {
  const args = ['--eval', '--strict', '--json', ...expressionArguments(expression, options)];
  return parseJson(await runReadOnlyFirst(nix, args, options));
}

/** `--arg`, `--argstr`, `-I` and `--option`, the person's own after our defaults, so that they win. */
export function evaluationArguments(
  given: EvaluationArguments | undefined,
  options: EvaluateOptions,
): string[] {
  return [
    // With the steps that led to an error come their positions.
    '--show-trace',
    ...['--option', 'allow-import-from-derivation', String(options.allowImportFromDerivation ?? false)],
    ...(given?.option ?? []).flatMap(([name, value]) => ['--option', name, value]),
    ...(options.evaluateAs === undefined ? [] : ['--option', 'system', options.evaluateAs]),
    ...(given?.include ?? []).flatMap((entry) => ['-I', entry]),
    ...(given?.arg ?? []).flatMap(([name, expression]) => ['--arg', name, expression]),
    ...(given?.argstr ?? []).flatMap(([name, value]) => ['--argstr', name, value]),
  ];
}

function fileArguments(
  { file, attribute, arguments: given }: FileEvaluation,
  options: EvaluateOptions,
): string[] {
  return [...evaluationArguments(given, options), ...(attribute === '' ? [] : ['--attr', attribute]), file];
}

function expressionArguments(expression: string, options: ExpressionOptions): string[] {
  return [
    ...(options.flakes ? ['--extra-experimental-features', 'nix-command flakes'] : []),
    ...evaluationArguments(options.arguments, options),
    ...(options.flakes ? noFlakeConfig : []),
    // The expression is no value of this flag, but an argument: one that begins with a dash would be a flag.
    ...['--expr', expression.startsWith('-') ? ` ${expression}` : expression],
  ];
}

/** What Nix says where a read-only evaluation needs a path that it was not allowed to write. */
const needsWritingPattern = /path '[^']+' is not valid|no write access to the Nix store|read-only mode/;

/**
 * Nix reads only with `--eval`; an evaluation that imports what it wrote to the
 * store fails then and is run again with leave to write. What it traced the
 * first time is forgotten.
 */
async function runReadOnlyFirst(
  nix: NixInstallation,
  args: readonly string[],
  options: ProcessOptions,
  writing: readonly string[] = ['--read-write-mode', ...args],
): Promise<NixResult> {
  try {
    return await runNix(nix, 'nixInstantiate', args, options);
  } catch (error) {
    const isRetriable =
      error instanceof NixFailure &&
      error.reason === 'evaluation' &&
      error.errors.some(({ message }) => needsWritingPattern.test(message));
    if (!isRetriable) throw error;
    return runNix(nix, 'nixInstantiate', writing, options);
  }
}

function tracedDerivation(result: NixResult): TracedDerivation {
  const drvPath = parseJson(result);
  if (typeof drvPath !== 'string' || !drvPath.startsWith('/')) {
    throw new NixFailure(
      'evaluation',
      `The value's drvPath is no store path: ${result.stdout.slice(0, 200)}`,
    );
  }
  return { drvPath, traces: result.traces };
}

function parseJson({ stdout }: NixResult): unknown {
  try {
    return JSON.parse(stdout);
  } catch (cause) {
    throw new NixFailure('crashed', `Nix printed no JSON: ${stdout.slice(0, 200)}`, { cause });
  }
}
