import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { NixEnvironment } from '../nix/nixEnvironment.ts';
import type { RunLimits } from '../model/runLimits.ts';
import { readTargetFile, targetFileName, type TargetFile } from '../targets/targetFile.ts';
import { labelOfSetting, targetOfSetting } from '../targets/targetSetting.ts';
import type { EvaluationArguments, EvaluationTarget } from '../model/target.ts';
import type { System } from '../model/system.ts';
import { joinLines, terminalText } from '../output/shown.ts';
import { displayPath } from '../output/toJson.ts';
import { CommandFailure, type CommandEnvironment } from './commandEnvironment.ts';
import { searchTargets } from './searchTargets.ts';
import { isDerivationPath, type TargetArguments } from './targetArguments.ts';

/** A target to check, with the systems that its entry in the target file names. */
export interface GivenTarget {
  readonly label: string;
  readonly target: EvaluationTarget;
  readonly evaluateAs?: readonly System[];
  /** Where its outputs are meant to run, as its entry says. */
  readonly expect?: System;
  /** The folder whose files brought it in, and which it may not leave unasked; undefined: the command line named it. */
  readonly root?: string;
}

/** The command line or the target file asks for nothing that can be checked; one line for each reason. */
export class ChoiceError extends CommandFailure {
  override readonly name = 'ChoiceError';
}

interface ChoiceOptions {
  readonly directory: string;
  readonly limits: RunLimits;
  readonly signal: AbortSignal;
  readonly environment: (signal: AbortSignal) => Promise<NixEnvironment>;
  readonly warn: (message: string) => void;
}

/** Of what is found by looking, no more are checked without being named. */
const maximumFound = 20;

/**
 * The targets that a command is about.
 *
 * @throws CommandFailure
 */
export async function chooseTargets(
  args: TargetArguments,
  { directory, signal, nix, writeError }: CommandEnvironment,
): Promise<readonly GivenTarget[]> {
  const warn = (message: string): void => writeError(terminalText([`warning: ${joinLines(message)}`]));
  try {
    return await chosenTargets(args, {
      directory,
      limits: givenLimits(args),
      signal,
      environment: nix,
      warn,
    });
  } catch (error) {
    throw signal.aborted ? new CommandFailure('cancelled') : error;
  }
}

export function givenLimits({ timeoutMs, memoryLimitMiB }: TargetArguments): RunLimits {
  return { timeoutMs, memoryLimitMiB, allowImportFromDerivation: false };
}

/**
 * The targets that the command line names.
 *
 * @throws ChoiceError
 */
async function chosenTargets(args: TargetArguments, options: ChoiceOptions): Promise<readonly GivenTarget[]> {
  const { directory, warn } = options;
  if (args.workspace !== undefined && !isDirectory(resolve(directory, args.workspace)))
    throw new ChoiceError(`--workspace ${args.workspace}: there is no such folder`);
  if (!args.all && args.target === undefined && !args.list) {
    const target = directTarget(args, directory);
    return [{ label: '', target }];
  }
  const known = await sharedTargets(args, options);
  if (args.target !== undefined) {
    const chosen = known.targets.filter(({ label }) => label === args.target);
    if (chosen.length > 0) return chosen;
    throw new ChoiceError(
      `--target ${args.target}: no target has this label; --list prints those that there are`,
    );
  }
  if (args.list) return known.targets;
  if (known.targets.length === 0)
    throw new ChoiceError(`--all: no target was found; name them in a file ${targetFileName}`);
  if (known.found && known.targets.length > maximumFound) {
    warn(
      `${known.targets.length} targets were found, and only the first ${maximumFound} are checked; name those that matter in a file ${targetFileName}`,
    );
    return known.targets.slice(0, maximumFound);
  }
  return known.targets;
}

async function sharedTargets(
  args: TargetArguments,
  { directory, limits, signal, environment, warn }: ChoiceOptions,
): Promise<{ readonly targets: readonly GivenTarget[]; readonly found: boolean }> {
  const root = resolve(directory, args.workspace ?? '.');
  const file = await readTargetFile(root);
  if (file && file.problems.length > 0) throw new ChoiceError(problemLines(file, directory));
  if (!file || file.targets.length === 0) {
    const search = { limits, signal, fetch: args.fetch, wanted: args.target, warn };
    const found = await searchTargets(root, await environment(signal), search);
    return { targets: found.map((target) => ({ ...target, root })), found: true };
  }
  const targets = file.targets.map(({ setting, evaluateAs }) => ({
    root,
    label: labelOfSetting(setting),
    target: targetOfSetting(setting, root),
    ...(evaluateAs ? { evaluateAs } : {}),
    ...(setting.expect === undefined ? {} : { expect: setting.expect }),
  }));
  return { targets, found: false };
}

/** What is wrong in a target file, one line each. */
export function problemLines({ problems }: TargetFile, directory: string): string {
  const lines = problems.map(({ message, source }) => {
    const { line, character } = source.range.start;
    return joinLines(`${displayPath(source.file, directory)}:${line + 1}:${character + 1}: ${message}`);
  });
  return lines.join('\n');
}

function directTarget(args: TargetArguments, directory: string): EvaluationTarget {
  const given: EvaluationArguments = {
    arg: args.arg,
    argstr: args.argstr,
    include: args.include,
    option: args.option,
  };
  const { installable } = args;
  const attribute = args.attribute ?? '';
  if (args.expression !== undefined)
    return { kind: 'expression', expression: args.expression, directory, attribute, arguments: given };
  if (installable !== undefined) {
    const path = withoutOutputs(installable);
    if (isDerivationPath(installable)) return { kind: 'derivation', drvPath: resolve(directory, path) };
    const hash = path.indexOf('#');
    const flake = hash === -1 ? path : path.slice(0, hash);
    const output = hash === -1 ? '' : path.slice(hash + 1);
    return { kind: 'flake', flake: flakeReference(flake, directory), attribute: output, arguments: given };
  }
  const takesFile = args.attribute !== undefined || args.arg.length > 0 || args.argstr.length > 0;
  const file = args.file ?? defaultFile(directory, takesFile);
  if (file === undefined) {
    throw new ChoiceError(
      'there is neither a default.nix nor a flake.nix here; name a file with --file, or an installable such as .#hello; check --list tells what can be checked here, and check --all checks it',
    );
  }
  if (file.endsWith('flake.nix') && args.file === undefined) {
    if (args.arg.length > 0 || args.argstr.length > 0) {
      throw new ChoiceError(
        '--arg and --argstr need --file: there is no default.nix here, and a flake takes no arguments',
      );
    }
    return { kind: 'flake', flake: directory, attribute, arguments: given };
  }
  return {
    kind: 'file',
    file: file.startsWith('<') ? file : resolve(directory, file),
    attribute,
    arguments: given,
  };
}

/** `….drv^out`, `.#hello^dev,man`: all outputs of a derivation have one closure (Nix manual, `nix`, "Derivation output selection"). */
function withoutOutputs(installable: string): string {
  return installable.replace(/\^(?:\*|[A-Za-z0-9_,+?=-]+)$/, '');
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

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
