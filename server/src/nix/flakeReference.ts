import { access } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { isAtLeast } from './installation.ts';

/**
 * A flake reference that Nix reads as it is meant. A path with characters that
 * have a meaning in references is written as the URL that Nix makes of a path:
 * `git+file:` below a git repository, else `path:`. Old versions (2.8 was tried)
 * do not decode such a URL and would take the last commit for the working tree:
 * they get the path, and refuse it.
 */
export async function flakeReference(flake: string, nixVersion: string): Promise<string> {
  if (!isAbsolute(flake) || !/[#?%]/.test(flake) || !isAtLeast(nixVersion, 2, 26)) return flake;
  const repository = await findRepository(flake);
  if (repository === undefined) return `path:${encodePath(flake)}`;
  const folder = relative(repository, flake);
  return `git+file://${encodePath(repository)}${folder === '' ? '' : `?dir=${encodePath(folder)}`}`;
}

function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

/** The closest folder from here upwards that holds `.git`. */
export async function findRepository(folder: string): Promise<string | undefined> {
  const isRepository = await access(join(folder, '.git')).then(
    () => true,
    () => false,
  );
  if (isRepository) return folder;
  const parent = dirname(folder);
  return parent === folder ? undefined : findRepository(parent);
}
