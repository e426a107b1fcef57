import { Command, CommanderError } from 'commander';
import { checkCommand } from './checkCommand.ts';
import { explainCommand } from './explainCommand.ts';
import { fixCommand } from './fixCommand.ts';
import type { CommandEnvironment } from './commandEnvironment.ts';
import type { Invocation, Subcommand } from './invocation.ts';
import { optionDescription } from './optionHelp.ts';
import { joinPairs } from './optionValues.ts';
import { verifyCommand } from './verifyCommand.ts';
import { whyCommand } from './whyCommand.ts';

/** In the order of the help; another command is a file and a row here. */
const subcommands: readonly Subcommand[] = [
  checkCommand,
  fixCommand,
  whyCommand,
  verifyCommand,
  explainCommand,
];

/** The command line asks for nothing that can be done; the message was printed already. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  /** 0 where help or the version was asked for. */
  readonly exitCode: 0 | 2;

  constructor(message: string, exitCode: 0 | 2) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The program with all of its commands; `chosen` is told what the parsed command line asks for. */
export function declareProgram(version: string, chosen: (invocation: Invocation) => void): Command {
  const program = new Command('nix-platform-lens')
    .description(
      'Tells for which platform every derivation of a closure is built, and why one of them is wrong.',
    )
    .version(version)
    .option('--debug', 'print where in this program a defect of its own is', false)
    .configureHelp({ optionDescription, showGlobalOptions: true })
    .exitOverride();
  for (const subcommand of subcommands) subcommand(program, chosen);
  return program;
}

/**
 * Reads the command line.
 *
 * @param argv without the program's own name
 * @param output where help, the version and errors are written
 * @throws UsageError
 */
export function parseCommandLine(
  argv: readonly string[],
  version: string,
  output: Pick<CommandEnvironment, 'writeOut' | 'writeError'>,
): Invocation & { readonly debug: boolean } {
  let found: Invocation | undefined;
  const program = declareProgram(version, (invocation) => (found = invocation));
  // Subcommands do not inherit it once they are declared.
  for (const command of [program, ...program.commands])
    command.configureOutput({ writeOut: output.writeOut, writeErr: output.writeError });
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
  return { ...found, debug: program.opts<{ debug: boolean }>().debug };
}
