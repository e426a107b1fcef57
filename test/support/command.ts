import { execa } from 'execa';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
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

/** Runs the built command to its end. */
export async function runCommand(...given: Parameters<typeof startCommand>): Promise<CommandResult> {
  const { ended } = await startCommand(...given);
  return ended;
}
