import { join } from 'node:path';
import { largestSettings } from '../../files/limits.ts';
import { readTextIfPossible } from '../../files/regularFile.ts';
import { nixString } from '../../nix/nixString.ts';
import { readFlakeLock } from '../../nix/flakeLock.ts';
import { pathExpression } from '../../nix/pathExpressions.ts';
import { isFile } from './placeOfTarget.ts';

/** A source that the workspace names: nixpkgs, or another such as Home Manager. */
export interface PackageSetName {
  /** A Nix expression of its path or of a set with its `outPath`. */
  readonly expression: string;
  /** Where it comes from, in words that follow "with". */
  readonly words: string;
}

/**
 * How the workspace names its nixpkgs: as an input of its flake, as a pin of
 * npins or niv, as a folder of its own, else on the search path.
 */
export async function findPackageSet(root: string): Promise<PackageSetName> {
  const named = await findPackageSetSource(root, ['nixpkgs']);
  if (named) return named;
  const own = join(root, 'nixpkgs');
  return (await isFile(join(own, 'pkgs/top-level/all-packages.nix')))
    ? { expression: pathExpression(own), words: 'the workspace’s folder nixpkgs' }
    : { expression: '<nixpkgs>', words: '<nixpkgs>' };
}

/** How the workspace names one of these sources; undefined where it pins none. */
export async function findPackageSetSource(
  root: string,
  names: readonly string[],
): Promise<PackageSetName | undefined> {
  const lock = await readFlakeLock(root);
  const pins = await readTextIfPossible(join(root, 'npins/sources.json'), largestSettings);
  const niv = await readTextIfPossible(join(root, 'nix/sources.json'), largestSettings);
  for (const name of names) {
    if (lock?.nodes[lock.root]?.inputs?.[name] !== undefined) {
      const expression = `(builtins.getFlake ${nixString(root)}).inputs.${nixString(name)}`;
      return { expression, words: `the flake’s input ${name}` };
    }
    const isNamed = (json: string | undefined): boolean => json?.includes(`"${name}":`) ?? false;
    if (isNamed(pins)) {
      const expression = `(import ${pathExpression(join(root, 'npins'))}).${nixString(name)}`;
      return { expression, words: `the npins pin ${name}` };
    }
    if (isNamed(niv)) {
      const expression = `(import ${pathExpression(join(root, 'nix/sources.nix'))}).${nixString(name)}`;
      return { expression, words: `the niv pin ${name}` };
    }
  }
  return undefined;
}
