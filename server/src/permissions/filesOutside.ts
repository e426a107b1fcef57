import { isWithin, realPath } from './confinement.ts';

/** Those of some files that lie outside of all folders once links are followed: nothing writes them. */
export async function filesOutside(
  files: Iterable<string>,
  folders: readonly string[],
): Promise<ReadonlySet<string>> {
  const real = await Promise.all(folders.map(realPath));
  const outside = new Set<string>();
  for (const file of files) {
    const path = await realPath(file);
    if (!real.some((folder) => isWithin(path, folder))) outside.add(file);
  }
  return outside;
}
