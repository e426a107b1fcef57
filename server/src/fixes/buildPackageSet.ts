/** Two names of the set of packages that run on the build platform; the usual one first. */
export const buildPackageSets = ['pkgsBuildHost', 'buildPackages'] as const;

/** Which of the two a person wants to read. */
export type BuildPackageSet = (typeof buildPackageSets)[number];

/** The default of the command and of the editor. */
export const usualBuildPackageSet: BuildPackageSet = 'pkgsBuildHost';

/** Both names, the wanted one first: the other one is there where that is not in scope, or is something else. */
export function buildSetsFrom(wanted: BuildPackageSet): readonly BuildPackageSet[] {
  return [wanted, ...buildPackageSets.filter((name) => name !== wanted)];
}
