import type { Select } from '../syntax/ast.ts';
import type { SourceFile } from '../syntax/sourceFile.ts';
import type { Walk } from './walk.ts';

/** nixpkgs' packages for the platform on which those of a set are built (nixpkgs source, `stage.nix`). */
const buildSets: ReadonlySet<string> = new Set(['buildPackages', 'pkgsBuildHost', 'pkgsBuildBuild']);

/**
 * Notes that a selection takes something from such a set.
 *
 * @param names those of the selection
 */
export function throughBuildSet(
  { path, start }: Select,
  names: readonly string[],
  source: SourceFile,
  walk: Walk,
): Walk {
  const name = path[names.findIndex((one) => buildSets.has(one))];
  return name ? { ...walk, buildSet: { source, span: { start, end: name.end } } } : walk;
}
