import { realPath } from './confinement.ts';

/**
 * Those of some files that are known by several names, since links lead to them:
 * whoever edits one, edits all of them.
 */
export async function filesOfSeveralNames(files: Iterable<string>): Promise<ReadonlySet<string>> {
  const names = new Map<string, string[]>();
  for (const file of new Set(files)) {
    const real = await realPath(file);
    names.set(real, [...(names.get(real) ?? []), file]);
  }
  return new Set([...names.values()].filter(({ length }) => length > 1).flat());
}
