import { execa } from 'execa';
import { access } from 'node:fs/promises';
import { join } from 'node:path';

const cli = join(import.meta.dirname, '..', '..', 'dist', 'cli.js');

export interface CommandResult {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command as a process of its own. Fails where it was not built. */
export async function runCommand(
  args: readonly string[],
  directory: string,
  env: Readonly<Record<string, string>> = {},
): Promise<CommandResult> {
  await access(cli);
  const { exitCode, stdout, stderr } = await execa(process.execPath, [cli, ...args], {
    cwd: directory,
    env: { NO_COLOR: '', ...env },
    reject: false,
    stdin: 'ignore',
  });
  return { exitCode, stdout, stderr };
}
