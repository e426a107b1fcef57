import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, symlink } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';

/**
 * Puts around some copies what lies around their originals, so that a package
 * set is evaluated from the copies as if it were all there: folders without a
 * copy are links. Files are copied, because Nix follows a link to a file, and
 * then finds what that names beside the original.
 *
 * @param root the folder of the originals
 * @param copies the folder of the copies
 * @param files the copies, as absolute paths
 */
export async function mirrorAround(root: string, copies: string, files: readonly string[]): Promise<void> {
  const folders = new Set<string>();
  const leading = leadingFolders.filter((folder) => existsSync(join(root, folder)));
  for (const inner of [...leading, ...files.map((file) => dirname(relative(copies, file)))])
    for (let at = inner; !folders.has(at); at = dirname(at)) folders.add(at);
  await Promise.all([...folders].map((folder) => mkdir(join(copies, folder), { recursive: true })));
  const written = new Set(files);
  for (const folder of folders) {
    for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
      const inFolder = join(folder, entry.name);
      const copy = join(copies, inFolder);
      if (folders.has(inFolder) || written.has(copy)) continue;
      if (entry.isFile()) await copyFile(join(root, inFolder), copy);
      else if (entry.isDirectory() && isListed(folder)) await linkEach(join(root, inFolder), copy);
      else await symlink(join(root, inFolder), copy);
    }
  }
}

/**
 * Files of these folders lead to packages by relative paths, and are found by
 * the names of the folders: of a link Nix takes what it leads to.
 */
const leadingFolders: readonly string[] = [
  join('pkgs', 'top-level'),
  join('pkgs', 'development', 'interpreters', 'python'),
];

/** nixpkgs lists the folders in this one, and takes no links (its source, `pkgs/top-level/by-name-overlay.nix`). */
function isListed(folder: string): boolean {
  return folder.split(sep).at(-1) === 'by-name';
}

async function linkEach(original: string, copy: string): Promise<void> {
  await mkdir(copy);
  const names = await readdir(original);
  await Promise.all(names.map((name) => symlink(join(original, name), join(copy, name))));
}
