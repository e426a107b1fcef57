import type { EvaluationTarget } from '../../model/target.ts';
import type { NixEnvironment } from '../environment.ts';
import { compositionOf, composedTargets } from './composedTargets.ts';
import type { FoundTarget, TargetSearchOptions } from './found.ts';
import { scanFile, scanWorkspace } from './scanWorkspace.ts';

/**
 * The target through which an open file can be evaluated: a known one whose
 * files lead to it by the paths that they name; else the one that the file
 * makes by itself, a package with callPackage and a module as a configuration.
 * Undefined where there is none.
 *
 * @param directory the workspace that the file belongs to
 * @throws NixFailure
 */
export async function targetFor<Known extends FoundTarget>(
  file: string,
  known: readonly Known[],
  directory: string,
  environment: NixEnvironment,
  options: Pick<TargetSearchOptions, 'limits' | 'signal'>,
): Promise<Known | FoundTarget | undefined> {
  const files = await scanWorkspace(directory, environment.parser, options.signal);
  // Backwards from the file to all that lead to it.
  const leading = new Set([file]);
  for (const reached of leading) {
    for (const [importer, { names }] of files) if (names.includes(reached)) leading.add(importer);
  }
  const user = known.find(({ target }) => leading.has(entryOf(target) ?? ''));
  if (user) return user;
  const scanned = files.get(file) ?? (await scanFile(file, environment.parser));
  const composition = scanned && compositionOf(scanned.kind);
  if (!scanned || composition === undefined) return undefined;
  const [own] = await composedTargets(scanned, composition, directory, environment, options);
  return own;
}

function entryOf(target: EvaluationTarget): string | undefined {
  switch (target.kind) {
    case 'file':
    case 'composed':
      return target.file;
    case 'flake':
      return `${target.flake}/flake.nix`;
    case 'expression':
    case 'derivation':
      return undefined;
  }
}
