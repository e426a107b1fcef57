import { execa } from 'execa';
import { realpath } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

import { ownPrograms } from './process/ownPrograms.ts';

/** Why git cannot give back the text that a file has. */
export type Uncommitted = 'changed' | 'hidden' | 'untracked' | 'no-repository' | 'no-git';

/**
 * Which of some files git could not give back as they are, and why; none where
 * each is just as it was committed. Of a link, the file that it leads to is meant.
 *
 * No program is started that the repository's settings name. A file that git
 * keeps through a filter (`filter.*.clean`) counts as changed therefore.
 *
 * @throws Error where git fails for another reason
 */
export async function uncommittedFiles(
  files: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Uncommitted>> {
  const found = new Map<string, Uncommitted>();
  const environments = new Map<string, Promise<Environment>>();
  for (const file of files) {
    const real = await realpath(file);
    const folder = dirname(real);
    const environment = environments.get(folder) ?? withoutFilters(folder, signal);
    environments.set(folder, environment);
    const reason = await reasonFor(real, await environment, signal);
    if (reason) found.set(file, reason);
  }
  return found;
}

type Environment = Readonly<Record<string, string>>;

async function reasonFor(
  file: string,
  environment: Environment,
  signal: AbortSignal,
): Promise<Uncommitted | undefined> {
  const [folder, name] = [dirname(file), basename(file)];
  const flags = ['--porcelain=v1', '-z', '--untracked-files=all', '--ignored=matching'];
  const status = await git(['status', ...flags, '--', name], folder, environment, signal);
  if (status.code === 'ENOENT') return 'no-git';
  if (status.exitCode !== 0) {
    if (/not a git repository/i.test(status.stderr)) return 'no-repository';
    throw failure('status', status);
  }
  if (status.stdout !== '') return /^(?:\?\?|!!)/.test(status.stdout) ? 'untracked' : 'changed';
  // Of what is marked as unchanged, or as not checked out, the status says nothing.
  const marks = await git(['ls-files', '-v', '-z', '--', name], folder, environment, signal);
  if (marks.exitCode !== 0) throw failure('ls-files', marks);
  return marks.stdout.startsWith('H ') ? undefined : 'hidden';
}

/** The environment of a git that compares files without the filters of its settings. */
async function withoutFilters(folder: string, signal: AbortSignal): Promise<Environment> {
  const own: Environment = { ...ownPrograms(), LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0' };
  const names = ['config', '--null', '--name-only', '--get-regexp', '^filter\\.'];
  // Where there are none, or no repository, nothing is printed.
  const { stdout } = await git(names, folder, own, signal);
  const drivers = new Set(
    [...stdout.matchAll(/(filter\.[^\0]*)\.[^.\0]*\0/g)].map(([, driver = '']) => driver),
  );
  const settings = [...drivers].flatMap((driver): [string, string][] => [
    [`${driver}.clean`, ''],
    [`${driver}.process`, ''],
    [`${driver}.required`, 'false'],
  ]);
  const given = Number(own['GIT_CONFIG_COUNT']);
  const added = settings.flatMap(([name, value], index): [string, string][] => [
    [`GIT_CONFIG_KEY_${given + index}`, name],
    [`GIT_CONFIG_VALUE_${given + index}`, value],
  ]);
  return { ...own, GIT_CONFIG_COUNT: String(given + settings.length), ...Object.fromEntries(added) };
}

interface GitResult {
  readonly exitCode?: number | undefined;
  /** Of the system, where it could not be started. */
  readonly code?: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

async function git(
  args: readonly string[],
  cwd: string,
  env: Environment,
  cancelSignal: AbortSignal,
): Promise<GitResult> {
  const flags = ['--literal-pathspecs', '-c', 'safe.bareRepository=explicit'];
  const { isCanceled, ...result } = await execa('git', [...flags, ...args], {
    cwd,
    env,
    cancelSignal,
    stdin: 'ignore',
    reject: false,
  });
  if (isCanceled) throw new Error('cancelled');
  return result;
}

function failure(command: string, { exitCode, stderr }: GitResult): Error {
  return new Error(`git ${command}: ${stderr.trim() || `it ended with status ${String(exitCode)}`}`);
}
