import type { InstalledUse } from './installedUses.ts';
import type { WantedPaths } from './wantedPaths.ts';

/**
 * Finds wanted paths among those that a derivation links into its output as
 * they are: an environment (nixpkgs source, `buildenv/default.nix`: a list in
 * JSON), or joined packages (`trivial-builders`, `symlinkJoin`).
 */
export function findLinkedPaths(variables: ReadonlyMap<string, string>, wanted: WantedPaths): InstalledUse[] {
  const variable = variableOfPaths(variables);
  const value = variable === undefined ? undefined : variables.get(variable);
  if (variable === undefined || value === undefined) return [];
  return wanted
    .allIn(value)
    .filter(({ inner }) => inner === '')
    .map((path) => ({ kind: 'member', path, variable, line: 1, text: path.storePath }));
}

function variableOfPaths(variables: ReadonlyMap<string, string>): string | undefined {
  if (variables.has('pkgs') && variables.has('pathsToLink')) return 'pkgs';
  return variables.has('paths') && /\blndir\b/.test(variables.get('buildCommand') ?? '')
    ? 'paths'
    : undefined;
}
