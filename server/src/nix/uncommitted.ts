import { execa } from 'execa';
import { realpath } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

import { ownPrograms } from './process/ownPrograms.ts';

/** Why git cannot give back the text that a file has. */
export type Uncommitted = 'changed' | 'untracked' | 'no-repository' | 'no-git';

/**
 * Which of some files git could not give back as they are, and why; none where
 * each is just as it was committed. Of a link, the file that it leads to is meant.
 *
 * @throws Error where git fails for another reason
 */
export async function uncommittedFiles(
  files: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Uncommitted>> {
  const found = new Map<string, Uncommitted>();
  for (const file of files) {
    const reason = await reasonFor(await realpath(file), signal);
    if (reason) found.set(file, reason);
  }
  return found;
}

async function reasonFor(file: string, signal: AbortSignal): Promise<Uncommitted | undefined> {
  const flags = ['--porcelain=v1', '-z', '--untracked-files=all', '--ignored=matching'];
  const { exitCode, stdout, stderr, code, isCanceled } = await execa(
    'git',
    ['--literal-pathspecs', '-c', 'safe.bareRepository=explicit', 'status', ...flags, '--', basename(file)],
    {
      cwd: dirname(file),
      env: { ...ownPrograms(), LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0' },
      stdin: 'ignore',
      reject: false,
      cancelSignal: signal,
    },
  );
  if (isCanceled) throw new Error('cancelled');
  if (code === 'ENOENT') return 'no-git';
  if (exitCode === 0) {
    if (stdout === '') return undefined;
    return /^(?:\?\?|!!)/.test(stdout) ? 'untracked' : 'changed';
  }
  if (/not a git repository/i.test(stderr)) return 'no-repository';
  throw new Error(`git status: ${stderr.trim() || `it ended with status ${String(exitCode)}`}`);
}
