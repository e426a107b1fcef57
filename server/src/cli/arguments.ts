import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { isRuleId, isRuleLevel } from '../evaluation/ruleSetting.ts';
import { ruleIds, ruleLevels, type RuleLevels } from '../model/judgement.ts';
import { isSystem } from '../model/system.ts';

export type OutputFormat = 'text' | 'json';

/** What `check` was asked on the command line. */
export interface CheckArguments {
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
  /** How what a rule finds is reported; these come after the target file. */
  readonly rules: RuleLevels;
  /** Flake inputs that are not on this machine are fetched. */
  readonly fetch: boolean;
  readonly format: OutputFormat;
  readonly fixes: boolean;
  readonly timeoutMs: number;
  readonly memoryLimitMiB: number;
  readonly nixDirectory?: string;
  readonly workspace?: string;
}

/** The command line asks for nothing that can be checked; the message was printed already. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  /** 0 where help or the version was asked for. */
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Nix's own flags that take two words; commander's options take one. */
const twoWordFlags = new Set(['--arg', '--argstr', '--option']);
const separator = '\u0000';

/**
 * Reads the command line.
 *
 * @param argv without the program's own name
 * @throws UsageError
 */
export function parseArguments(argv: readonly string[], version: string): CheckArguments {
  let found: CheckArguments | undefined;
  const program = new Command('nix-platform-lens')
    .description(
      'Tells for which platform every derivation of a closure is built, and why one of them is wrong.',
    )
    .version(version)
    .exitOverride();
  program
    .command('check', { isDefault: false })
    .description('judge the build-time closure of an installable or of an attribute of a file')
    .argument('[installable]', 'a flake output such as .#packages.x86_64-linux.hello, or the path of a .drv')
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
    .option('--all', 'check every target of .nix-platform-lens.json, or else those that are found', false)
    .option(
      '--target <label>',
      'check one target of .nix-platform-lens.json, or else of those that are found',
    )
    .option('--list', 'list these targets', false)
    .option(
      '--as <system>',
      'evaluate as if on this system, e.g. aarch64-darwin; may be repeated, and then the systems are compared',
      system,
      [],
    )
    .option(
      '--rule <id=level>',
      `report what a rule finds as ${ruleLevels.join(', ')}; may be repeated`,
      ruleLevel,
      {},
    )
    .option('--fetch', 'fetch flake inputs that are not on this machine', false)
    .addOption(new Option('--format <format>', 'how to print').choices(['text', 'json']).default('text'))
    .option('--no-fixes', 'do not look for repairs (proving them evaluates again)')
    .option('--timeout <seconds>', 'give up an evaluation after this time', positive, 600)
    .option('--memory-limit <MiB>', 'heap limit of one evaluation', positive, 16_384)
    .option('--nix <directory>', 'folder of the nix-instantiate to use')
    .option(
      '--workspace <directory>',
      'the directory whose files are observed (default: the working directory or the file’s own)',
    )
    .addHelpText('after', helpTail)
    .action((installable: string | undefined, options: CommandOptions, command: Command) => {
      if (installable !== undefined && options.file !== undefined) {
        command.error('error: give either an installable or --file, not both', { exitCode: 2 });
      }
      const refused = whatExcludes(installable, options);
      if (refused !== undefined) command.error(`error: ${refused}`, { exitCode: 2 });
      const dropped = installable === undefined ? undefined : flagWithoutUse(installable, options);
      if (dropped !== undefined) command.error(`error: ${dropped}`, { exitCode: 2 });
      found = {
        ...(installable !== undefined ? { installable } : {}),
        ...(options.file !== undefined ? { file: options.file } : {}),
        ...(options.attr !== undefined ? { attribute: options.attr } : {}),
        arg: options.arg,
        argstr: options.argstr,
        include: options.include,
        option: options.option,
        ...(options.expr !== undefined ? { expression: options.expr } : {}),
        all: options.all,
        ...(options.target !== undefined ? { target: options.target } : {}),
        list: options.list,
        as: options.as,
        rules: options.rule,
        fetch: options.fetch,
        format: options.format,
        fixes: options.fixes,
        timeoutMs: options.timeout * 1000,
        memoryLimitMiB: options.memoryLimit,
        ...(options.nix !== undefined ? { nixDirectory: options.nix } : {}),
        ...(options.workspace !== undefined ? { workspace: options.workspace } : {}),
      };
    });
  try {
    program.parse(joinPairs(argv), { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) throw new UsageError(error.message, error.exitCode === 0 ? 0 : 2);
    throw error;
  }
  if (!found) {
    program.outputHelp({ error: true });
    throw new UsageError('no command was given', 2);
  }
  return found;
}

/** The options as commander gives them; those with a unit or a longer name become {@link CheckArguments}. */
interface CommandOptions extends Pick<
  CheckArguments,
  | 'file'
  | 'arg'
  | 'argstr'
  | 'include'
  | 'option'
  | 'all'
  | 'target'
  | 'list'
  | 'as'
  | 'fetch'
  | 'format'
  | 'fixes'
> {
  readonly rule: RuleLevels;
  readonly expr?: string;
  readonly attr?: string;
  readonly timeout: number;
  readonly memoryLimit: number;
  readonly nix?: string;
  readonly workspace?: string;
}

/** What is wrong where targets are named in two ways; undefined where they are not. */
function whatExcludes(installable: string | undefined, options: CommandOptions): string | undefined {
  const direct = [
    installable === undefined ? '' : 'an installable',
    options.file === undefined ? '' : '--file',
    options.expr === undefined ? '' : '--expr',
  ].filter((name) => name !== '');
  const shared = [
    options.all ? '--all' : '',
    options.target === undefined ? '' : '--target',
    options.list ? '--list' : '',
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
function flagWithoutUse(installable: string, options: CommandOptions): string | undefined {
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

const helpTail = `
Exit status: 0 clean, 1 at least one finding at error level, 2 could not evaluate,
or the closure could not be read whole. Of several evaluations, the highest.

Examples:
  nix-platform-lens check -f release.nix -A build.x86_64-linux --as aarch64-darwin
  nix-platform-lens check .#nixosConfigurations.web --format json
  nix-platform-lens check --all --as x86_64-linux --as aarch64-darwin
`;

/** `--arg a b` ⇒ `--arg=a\0b`; a flag whose words are missing is left for the parser to refuse. */
function joinPairs(argv: readonly string[]): string[] {
  const joined: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? '';
    const name = argv[at + 1];
    const value = argv[at + 2];
    if (twoWordFlags.has(word) && name !== undefined && value !== undefined) {
      joined.push(`${word}=${name}${separator}${value}`);
      at += 2;
    } else if (word.startsWith('-I') && word.length > 2) {
      joined.push('-I', word.slice(2));
    } else {
      joined.push(word);
    }
  }
  return joined;
}

function pair(flag: string) {
  return (
    value: string,
    previous: readonly (readonly [string, string])[],
  ): readonly (readonly [string, string])[] => {
    const at = value.indexOf(separator);
    if (at === -1) throw new InvalidArgumentError(`${flag} takes two words, a name and a value.`);
    return [...previous, [value.slice(0, at), value.slice(at + 1)]];
  };
}

function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}

function system(value: string, previous: readonly string[]): readonly string[] {
  if (!isSystem(value)) throw new InvalidArgumentError('It must be a system such as x86_64-linux.');
  return [...new Set([...previous, value])];
}

function ruleLevel(value: string, previous: RuleLevels): RuleLevels {
  const [id = '', level = '', ...more] = value.split('=');
  if (!isRuleId(id)) throw new InvalidArgumentError(`The rules are ${ruleIds.join(', ')}.`);
  if (!isRuleLevel(level) || more.length > 0)
    throw new InvalidArgumentError(`It must be a rule, = and one of ${ruleLevels.join(', ')}.`);
  return { ...previous, [id]: level };
}

function positive(value: string): number {
  const number = Number(value);
  if (!Number.isFinite(number) || number <= 0)
    throw new InvalidArgumentError('It must be a number above zero.');
  return number;
}
