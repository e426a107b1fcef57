import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { nixString } from '../nix/nixString.ts';
import { pathExpression } from '../nix/pathExpressions.ts';

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
      else await symlink(join(root, inFolder), copy);
    }
  }
  await byName(root, copies, files);
}

/**
 * Files of these folders lead to packages by relative paths, and are found by
 * the names of the folders: of a link Nix takes what it leads to.
 */
const leadingFolders: readonly string[] = [
  join('pkgs', 'top-level'),
  join('pkgs', 'development', 'interpreters', 'python'),
];

/** Where nixpkgs has most packages, by the first letters of their names (its source, `pkgs/by-name/README.md`). */
const packageByName = /^pkgs\/by-name\/[^/]+\/([^/]+)\/package\.nix$/;

/**
 * nixpkgs lists those folders, and takes no links for folders: so the list is
 * that of the originals, and only what was copied is put into it.
 */
async function byName(root: string, copies: string, files: readonly string[]): Promise<void> {
  const overlay = join('pkgs', 'top-level', 'by-name-overlay.nix');
  if (!existsSync(join(root, overlay))) return;
  const copied = files.flatMap((file) => {
    const name = packageByName.exec(relative(copies, file))?.[1];
    return name === undefined ? [] : [`${nixString(name)} = call ${pathExpression(file)};`];
  });
  // Its list is read once for all stages; other folders of that kind are listed by it, too.
  const text = `directory:
    let
      original = import ${pathExpression(join(root, overlay))};
      listed = original ${pathExpression(join(root, 'pkgs', 'by-name'))};
    in
    if toString directory != ${nixString(join(copies, 'pkgs', 'by-name'))} then original directory
    else self: super:
      let
        all = listed self super;
        call = all._internalCallByNamePackageFile or (file: self.callPackage file { });
      in
      all // { ${copied.join(' ')} }
  `;
  if (copied.length > 0) await writeFile(join(copies, overlay), text);
}
