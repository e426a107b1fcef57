import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeTemporaryDirectory } from './temporaryDirectory.ts';

/**
 * Programs that Nix starts by their name on the `PATH`, that are for the
 * network, and that a folder's own files can tell to start others: hooks and
 * extensions in Mercurial's `.hg/hgrc`, `Match exec` of a configuration of ssh
 * to which an address leads. Git is needed, and is held back by its settings.
 */
const heldBack = ['hg', 'ssh'] as const;

const refusal = `#!/bin/sh
echo "\${0##*/}: Nix Platform Lens starts no such program while nothing may be fetched" >&2
exit 1
`;

let folder: Promise<string> | undefined;

/**
 * A folder that stands before all others of the `PATH`: what is in it refuses.
 *
 * @returns undefined where it cannot be written
 */
export async function heldBackPrograms(): Promise<string | undefined> {
  folder ??= writePrograms();
  try {
    return await folder;
  } catch {
    // The disk is full, say: the next run tries again, and until then the network's walls hold.
    folder = undefined;
    return undefined;
  }
}

async function writePrograms(): Promise<string> {
  const { path } = makeTemporaryDirectory();
  for (const name of heldBack) {
    const file = join(path, name);
    await writeFile(file, refusal);
    await chmod(file, 0o755);
  }
  return path;
}
