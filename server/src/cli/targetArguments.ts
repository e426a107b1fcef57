import type { Command } from 'commander';
import { fittingMemoryLimit } from '../nix/process/machineMemory.ts';
import type { CommandEnvironment, ExitStatus } from './commandEnvironment.ts';
import type { Invocation } from './invocation.ts';
import { collect, pair, oneSystem, positive, system } from './optionValues.ts';

/** Which targets a command is about, as which systems they are evaluated, and how. */
export interface TargetArguments {
  readonly installable?: string;
  readonly file?: string;
  readonly attribute?: string;
  readonly arg: readonly (readonly [string, string])[];
  readonly argstr: readonly (readonly [string, string])[];
  readonly include: readonly string[];
  readonly option: readonly (readonly [string, string])[];
  readonly expression?: string;
  /** Every target of the target file, or of what is found. */
  readonly all: boolean;
  /** Names a target of the target file, or of what is found. */
  readonly target?: string;
  /** The targets are listed, not evaluated. */
  readonly list: boolean;
  /** In the order given, without repetition; empty: this machine's, or what the target file says. */
  readonly as: readonly string[];
  /** Where the outputs are meant to run. */
  readonly expect?: string;
  /** Outside the folder, and the targets that its files bring in may name them. */
  readonly allowPath: readonly string[];
  /** Flake inputs that are not on this machine are fetched. */
  readonly fetch: boolean;
  readonly timeoutMs: number;
  readonly memoryLimitMiB: number;
  readonly nixDirectory?: string;
  readonly workspace?: string;
}

/** The options as commander gives them; those with a unit or a longer name become {@link TargetArguments}. */
export interface TargetOptions extends Pick<
  TargetArguments,
  | 'file'
  | 'arg'
  | 'argstr'
  | 'include'
  | 'option'
  | 'target'
  | 'as'
  | 'expect'
  | 'allowPath'
  | 'fetch'
  | 'workspace'
> {
  readonly expr?: string;
  readonly attr?: string;
  readonly all?: boolean;
  readonly list?: boolean;
  readonly timeout: number;
  readonly memoryLimit?: number;
  readonly nix?: string;
}

/** How the argument that names a flake's output or a derivation is explained. */
export const installableHelp = 'a flake output such as .#packages.x86_64-linux.hello, or the path of a .drv';

/** The options that name a target. */
export function addTargetOptions(command: Command): Command {
  return command
    .option('-f, --file <file>', 'evaluate this Nix file (or search path such as <nixpkgs/nixos>)')
    .option('-A, --attr <path>', 'the attribute of the file')
    .option(
      '--arg <name expression>',
      'an argument of the file, as a Nix expression (two words)',
      pair('--arg'),
      [],
    )
    .option(
      '--argstr <name string>',
      'an argument of the file, as a string (two words)',
      pair('--argstr'),
      [],
    )
    .option('-I, --include <path>', 'add to the Nix search path', collect, [])
    .option('--option <name value>', 'set an option of Nix (two words)', pair('--option'), [])
    .option('--expr <expression>', 'evaluate this Nix expression')
    .option('--target <label>', 'one target of .nix-platform-lens.json, or else of those that are found');
}

/** The options that say how the targets are evaluated. */
export function addEvaluationOptions(command: Command): Command {
  return command
    .option(
      '--as <system>',
      'evaluate as if on this system, e.g. aarch64-darwin; may be repeated, and then the systems are compared',
      system,
      [],
    )
    .option(
      '--expect <system>',
      'where the outputs are meant to run, e.g. x86_64-linux for an image that is deployed to a server',
      oneSystem,
    )
    .option(
      '--allow-path <path>',
      'let targets of .nix-platform-lens.json name this path outside the folder; may be repeated',
      collect,
      [],
    )
    .option('--fetch', 'fetch what is not on this machine; nothing is downloaded otherwise', false)
    .option('--timeout <seconds>', 'give up an evaluation after this time', positive, 600)
    .option(
      '--memory-limit <MiB>',
      'what all processes of an evaluation may use together (default: half of the machine’s memory)',
      positive,
    )
    .option('--nix <directory>', 'folder of the nix-instantiate to use')
    .option(
      '--workspace <directory>',
      'the directory whose files are observed (default: the working directory or the file’s own)',
    );
}

/** A command about targets, ready to run. */
export function invocationOf<Arguments extends Pick<TargetArguments, 'nixDirectory'>>(
  args: Arguments,
  run: (args: Arguments, environment: CommandEnvironment) => Promise<ExitStatus>,
): Invocation {
  const { nixDirectory } = args;
  return {
    ...(nixDirectory !== undefined ? { nixDirectory } : {}),
    run: (environment) => run(args, environment),
  };
}

/** What is wrong with how targets are named; undefined where nothing is. */
export function refusal(installable: string | undefined, options: TargetOptions): string | undefined {
  if (installable !== undefined && options.file !== undefined)
    return 'give either an installable or --file, not both';
  return (
    whatExcludes(installable, options) ??
    (installable === undefined ? undefined : flagWithoutUse(installable, options))
  );
}

export function targetArguments(installable: string | undefined, options: TargetOptions): TargetArguments {
  return {
    ...(installable !== undefined ? { installable } : {}),
    ...(options.file !== undefined ? { file: options.file } : {}),
    ...(options.attr !== undefined ? { attribute: options.attr } : {}),
    arg: options.arg,
    argstr: options.argstr,
    include: options.include,
    option: options.option,
    ...(options.expr !== undefined ? { expression: options.expr } : {}),
    all: options.all ?? false,
    ...(options.target !== undefined ? { target: options.target } : {}),
    list: options.list ?? false,
    as: options.as,
    ...(options.expect !== undefined ? { expect: options.expect } : {}),
    allowPath: options.allowPath,
    fetch: options.fetch,
    timeoutMs: options.timeout * 1000,
    memoryLimitMiB: options.memoryLimit ?? fittingMemoryLimit(),
    ...(options.nix !== undefined ? { nixDirectory: options.nix } : {}),
    ...(options.workspace !== undefined ? { workspace: options.workspace } : {}),
  };
}

/** What is wrong where targets are named in two ways; undefined where they are not. */
function whatExcludes(installable: string | undefined, options: TargetOptions): string | undefined {
  const direct = [
    installable === undefined ? '' : 'an installable',
    options.file === undefined ? '' : '--file',
    options.expr === undefined ? '' : '--expr',
  ].filter((name) => name !== '');
  const shared = [
    options.all === true ? '--all' : '',
    options.target === undefined ? '' : '--target',
    options.list === true ? '--list' : '',
  ].filter((name) => name !== '');
  const named = [...direct, ...shared];
  if (named.length > 1) return `give either ${named.slice(0, 2).join(' or ')}, not both`;
  const hasArguments =
    options.attr !== undefined ||
    [options.arg, options.argstr, options.include, options.option].some((list) => list.length > 0);
  if (shared.length > 0 && hasArguments)
    return `${shared.join('')} takes no arguments: they stand in .nix-platform-lens.json`;
  return undefined;
}

/** What is wrong where a flag says nothing about an installable; undefined where none does. */
function flagWithoutUse(installable: string, options: TargetOptions): string | undefined {
  if (options.attr !== undefined) {
    return `--attr needs --file: the attribute of an installable stands behind its #, as in ${installable}#${options.attr}`;
  }
  if (options.arg.length > 0) return '--arg needs --file: an installable takes no arguments';
  if (options.argstr.length > 0) return '--argstr needs --file: an installable takes no arguments';
  if (options.as.length > 0 && isDerivationPath(installable)) {
    return '--as needs something to evaluate: a .drv is judged as it is';
  }
  return undefined;
}

/** Does an installable name a derivation that exists already? */
export function isDerivationPath(installable: string): boolean {
  return /\.drv(\^.*)?$/.test(installable);
}
