import { createEvaluator } from '../running/evaluator.ts';
import { lazyNixEnvironment } from '../nix/nixEnvironment.ts';
import { joinLines, terminalText } from '../output/shown.ts';
import { loadShellParser, type ShellParser } from '../shell/shellParser.ts';
import { loadParser, type NixParser } from '../syntax/parser.ts';
import { type CommandEnvironment, CommandFailure } from './commandEnvironment.ts';
import { defectLines, isDefect } from './defects.ts';
import { requireNeighbours } from './neighbours.ts';
import { parseCommandLine, UsageError } from './subcommands.ts';

/** Who asks for a command: what a process knows of itself, its terminal and its user. */
export interface Caller extends Omit<CommandEnvironment, 'evaluator' | 'nix' | 'parser'> {
  /** Without the program's own name. */
  readonly args: readonly string[];
  /** The folder in which the grammars lie. */
  readonly grammars: string;
}

/** What a command needs of this machine, each found or loaded when it is first asked for, and then kept. */
export interface CommandParts {
  readonly parser: () => Promise<NixParser>;
  readonly shellParser: () => Promise<ShellParser>;
  /** Nix in a folder; undefined: on the PATH or in the usual places. */
  readonly nixIn: (directory: string | undefined) => CommandEnvironment['nix'];
}

/** The parts of a process that runs one command. */
function commandParts(grammars: string): CommandParts {
  let loading: Promise<NixParser> | undefined;
  const parser = (): Promise<NixParser> => (loading ??= loadParser(grammars));
  let loadingShell: Promise<ShellParser> | undefined;
  return {
    parser,
    shellParser: () => (loadingShell ??= loadShellParser(grammars)),
    nixIn: (directory) => lazyNixEnvironment({ parser, ...(directory !== undefined && { directory }) }),
  };
}

/**
 * Does what a command line asks for, and tells the caller of every error.
 *
 * @returns the status with which a process ends
 */
export async function runCommandLine(
  caller: Caller,
  { parser, shellParser, nixIn }: CommandParts = commandParts(caller.grammars),
): Promise<number> {
  // Whether the stack of a defect is printed.
  let isDebugging = false;
  const tellDefect = (error: unknown): void => {
    caller.writeError(terminalText(defectLines(error, isDebugging)));
  };
  try {
    const { run, nixDirectory, debug } = parseCommandLine(caller.args, caller.version, caller);
    isDebugging = debug;
    requireNeighbours(caller.grammars);

    const nix = nixIn(nixDirectory);
    const evaluator = createEvaluator({
      parser,
      shellParser,
      environment: nix,
      // The evaluation's own error tells the message already.
      onError: (error) => {
        if (isDefect(error)) tellDefect(error);
      },
    });
    return await run({ ...caller, evaluator, nix, parser });
  } catch (error) {
    if (error instanceof UsageError) return error.exitCode;
    if (isDefect(error) || (isDebugging && !(error instanceof CommandFailure))) tellDefect(error);
    else {
      const message = error instanceof Error ? error.message : String(error);
      const lines = error instanceof CommandFailure ? message.split('\n') : [message];
      caller.writeError(terminalText(lines.map((line) => `error: ${joinLines(line)}`)));
    }
    return 2;
  } finally {
    caller.showStatus(undefined);
  }
}
