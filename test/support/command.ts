import { execa } from 'execa';
import { access, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { runCommandLine } from '../../server/src/cli/runCommandLine.ts';
import { nixIn } from './nixIn.ts';
import { testParser, testShellParser } from './parser.ts';
import { v8Flags } from './v8Flags.ts';

/** The built command. */
export const cli = join(import.meta.dirname, '..', '..', 'dist', 'cli.js');

export interface CommandResult {
  readonly exitCode: number | undefined;
  /** That ended it. */
  readonly signal?: NodeJS.Signals | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** The built command, under way. */
export interface StartedCommand {
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly ended: Promise<CommandResult>;
}

/** Starts the built command as a process of its own. Fails where it was not built. */
export async function startCommand(
  args: readonly string[],
  directory: string,
  env: Readonly<Record<string, string>> = {},
): Promise<StartedCommand> {
  await access(cli);
  const subprocess = execa(process.execPath, [...v8Flags, cli, ...args], {
    cwd: directory,
    env: { NO_COLOR: '', ...env },
    reject: false,
    stdin: 'ignore',
  });
  return {
    kill: (signal) => void subprocess.kill(signal),
    ended: subprocess.then(({ exitCode, signal, stdout, stderr }) => ({ exitCode, signal, stdout, stderr })),
  };
}

/** Runs the built command to its end, as a process of its own. */
export async function runProcess(...given: Parameters<typeof startCommand>): Promise<CommandResult> {
  const { ended } = await startCommand(...given);
  return ended;
}

/** One after the other: they share the environment of this process. */
let before: Promise<unknown> = Promise.resolve();

/**
 * Runs the command to its end, in this process: what it does is all that it
 * does as a process of its own, but for `server/src/cli.ts`, which is run by
 * `runProcess`, and that Nix is found once for all that run in the same
 * environment.
 */
export function runCommand(
  args: readonly string[],
  directory: string,
  env: Readonly<Record<string, string>> = {},
): Promise<CommandResult> {
  const result = before.then(() => inEnvironment({ NO_COLOR: '', ...env }, () => called(args, directory)));
  before = result.catch(() => undefined);
  return result;
}

async function called(args: readonly string[], directory: string): Promise<CommandResult> {
  let stdout = '';
  let stderr = '';
  const caller = {
    args,
    grammars: dirname(cli),
    // As a process finds it.
    directory: await realpath(directory),
    version: packageJson.version,
    signal: new AbortController().signal,
    isTerminal: false,
    isOnScreen: false,
    showsProgress: false,
    showStatus: () => undefined,
    writeOut: (text: string) => (stdout += text),
    writeError: (text: string) => (stderr += text),
  };
  const exitCode = await runCommandLine(caller, { parser: testParser, shellParser: testShellParser, nixIn });
  return { exitCode, stdout: withoutLastNewline(stdout), stderr: withoutLastNewline(stderr) };
}

/** Calls a function while the environment of this process has these variables. */
async function inEnvironment<T>(env: Readonly<Record<string, string>>, call: () => Promise<T>): Promise<T> {
  const saved = Object.keys(env).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, env);
  try {
    return await call();
  } finally {
    for (const [name, value] of saved) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  }
}

/** As execa hands out what a process has written. */
function withoutLastNewline(text: string): string {
  return text.replace(/\r?\n$/u, '');
}
