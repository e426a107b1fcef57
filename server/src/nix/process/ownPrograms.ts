import { delimiter, isAbsolute } from 'node:path';

/**
 * The part of the environment that decides which programs Nix and git start.
 * Nix runs in the folder of the workspace: an entry of the PATH that is relative
 * would find programs of the repository there. And old versions of Nix ask the
 * workspace's git, whose own settings may name a program, too.
 */
export function ownPrograms(environment: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const path = (environment['PATH'] ?? '').split(delimiter).filter((directory) => isAbsolute(directory));
  const given = Number(environment['GIT_CONFIG_COUNT'] ?? 0);
  // What is not a number makes git fail by itself.
  const first = Number.isSafeInteger(given) ? given : 0;
  const settings = noGitPrograms.flatMap(([name, value], index): [string, string][] => [
    [`GIT_CONFIG_KEY_${first + index}`, name],
    [`GIT_CONFIG_VALUE_${first + index}`, value],
  ]);
  return Object.fromEntries([
    // An empty one would mean the folder that Nix runs in.
    ['PATH', path.join(delimiter) || '/usr/bin:/bin'],
    // Of a partial clone, git fetches what is missing by a program that the repository's settings name.
    ['GIT_NO_LAZY_FETCH', '1'],
    ['GIT_CONFIG_COUNT', String(first + noGitPrograms.length)],
    ...settings,
  ]);
}

/** Git takes settings of the environment rather than the repository's. */
const noGitPrograms = [
  ['core.fsmonitor', 'false'],
  ['core.hooksPath', '/dev/null'],
] as const;
