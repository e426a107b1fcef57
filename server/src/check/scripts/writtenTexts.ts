import type { BuildScript } from '../../derivation/buildScript.ts';

/** Does a derivation write its source with all of its variables in the place of their names (nixpkgs source, `substitute-all.nix`)? */
export function substitutesVariables({ arguments: given }: BuildScript): boolean {
  return given.some((argument) => argument.endsWith('-substitute-all.sh'));
}

/**
 * Does a derivation nothing but write its source with other words in the place
 * of some (nixpkgs source, `substitute-all.nix` and `replace-vars-with.nix`)?
 */
export function isSubstituted(script: BuildScript): boolean {
  if (substitutesVariables(script)) return true;
  const { variables } = script;
  const isOneFile = variables.get('dontUnpack') === '1' && (variables.get('dir') ?? '') === '';
  return isOneFile && variables.get('buildPhase')?.includes('substitute "$src" "$target"') === true;
}

/** Does a derivation run one command, or write one text, where a package has phases? */
export function isWritten(script: BuildScript): boolean {
  return (script.variables.get('buildCommand') ?? '') !== '' || isSubstituted(script);
}
