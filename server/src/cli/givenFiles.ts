import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isWithin, realPath } from '../permissions/confinement.ts';
import { readTextFile } from '../files/regularFile.ts';
import { writeTextFile } from '../files/writeTextFile.ts';
import { parseBaseline, type Baseline } from '../output/baseline.ts';
import { CommandFailure } from './commandEnvironment.ts';

/** @throws CommandFailure */
export async function readBaseline(path: string, directory: string): Promise<Baseline> {
  let text: string;
  try {
    text = await readTextFile(resolve(directory, path));
  } catch (error) {
    throw new CommandFailure(
      `--baseline ${path}: ${reasonOf(error)}; --write-baseline ${path} writes it from what is found now`,
    );
  }
  try {
    return parseBaseline(text);
  } catch (error) {
    throw new CommandFailure(
      `--baseline ${path}: it is no baseline (${reasonOf(error)}); --write-baseline ${path} writes it anew`,
    );
  }
}

/** @throws CommandFailure */
export async function writeReport(
  flag: string,
  path: string,
  text: string,
  directory: string,
): Promise<void> {
  const file = resolve(directory, path);
  const [real, folder] = await Promise.all([realPath(file), realPath(directory)]);
  // A repository may hold a link of that name, to a file of the person's.
  if (isWithin(file, directory) && !isWithin(real, folder))
    throw new CommandFailure(
      `${flag} ${path}: it leads to ${real}, outside this folder; name that, or another file`,
    );
  try {
    await writeTextFile(file, text);
  } catch (error) {
    throw new CommandFailure(`${flag} ${path}: it could not be written: ${reasonOf(error)}`);
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
    return 'there is no such file or folder';
  return error instanceof Error ? error.message : String(error);
}

/**
 * What file names are relative to for machines: the nearest folder above that
 * holds a repository, as code hosts count from it; else the directory itself.
 */
export function sourceRootOf(directory: string): string {
  for (let at = directory; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at;
    if (dirname(at) === at) return directory;
  }
}
