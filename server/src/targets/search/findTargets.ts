import { dirname, join, relative } from 'node:path';
import type { EvaluationTarget } from '../../model/target.ts';
import type { NixEnvironment } from '../../nix/nixEnvironment.ts';
import { withDefaultArgument } from '../defaultArgument.ts';
import { compositionOf, composedTargets } from './composedTargets.ts';
import { findFileTargets } from './fileTargets.ts';
import { findFlakeTargets } from './flakeTargets.ts';
import { noArguments, type FoundTarget, type TargetSearchOptions } from './found.ts';
import { lookInto, type FileSearch } from './lookInto.ts';
import { notWhole, scanOnce } from './scanWorkspace.ts';

/** Files without a flake that usually hold something to build, in the order of preference. */
const usualFiles = ['default.nix', 'release.nix', 'shell.nix', 'ci.nix'];

/**
 * Finds what can be evaluated in a directory: the outputs of its flakes, the
 * derivations of its usual files, and its configurations, networks and hives.
 * Files are told apart by their syntax; only what may be a target is evaluated.
 * What does not evaluate is left out, and told to `onProblem`.
 *
 * @throws AbortError when `signal` fires
 */
export async function findTargets(
  directory: string,
  environment: NixEnvironment,
  options: TargetSearchOptions,
): Promise<FoundTarget[]> {
  const scan = options.scan ?? scanOnce(environment.parser, options.signal);
  const { files, isWhole } = await scan(directory);
  if (!isWhole) options.onProblem?.(notWhole);
  const searches = new Map<string, Omit<FileSearch, 'name'>>();
  const imported = new Set([...files.values()].flatMap(({ names }) => [...names]));
  for (const [file, { kind }] of files) {
    const isInput = imported.has(join(dirname(file), 'default.nix')) && dirname(file) !== directory;
    if (kind === 'flake' && !isInput)
      searches.set(file, { search: (own) => findFlakeTargets(dirname(file), directory, environment, own) });
  }
  for (const name of usualFiles) {
    const file = join(directory, name);
    const kind = files.get(file)?.kind;
    if (kind === undefined || isConfiguration(kind)) continue;
    const target: EvaluationTarget = { kind: 'file', file, attribute: '', arguments: noArguments };
    searches.set(file, {
      search: (own) => findFileTargets(file, directory, noArguments, environment, own),
      finish: (error) => withDefaultArgument(error, target, environment.parser),
    });
  }
  for (const [file, scanned] of files) {
    const composition = isConfiguration(scanned.kind) ? compositionOf(scanned.kind) : undefined;
    if (composition === undefined || imported.has(file)) continue;
    searches.set(file, {
      search: (own) => composedTargets(scanned, composition, directory, environment, own),
    });
  }
  return lookInto(
    [...searches].map(([file, search]) => ({ name: relative(directory, file), ...search })),
    options,
  );
}

function isConfiguration(kind: string): boolean {
  return ['nixos', 'nixops', 'colmena', 'home-manager', 'darwin'].includes(kind);
}
