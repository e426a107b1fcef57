import type { BuildScript } from '../../derivation/buildScript.ts';

/**
 * Does a derivation nothing but write its source with other words in the place
 * of some (nixpkgs source, `substitute-all.nix` and `replace-vars-with.nix`)?
 */
export function isSubstituted({ arguments: given, variables }: BuildScript): boolean {
  if (given.some((argument) => argument.endsWith('-substitute-all.sh'))) return true;
  const isOneFile = variables.get('dontUnpack') === '1' && (variables.get('dir') ?? '') === '';
  return isOneFile && variables.get('buildPhase')?.includes('substitute "$src" "$target"') === true;
}

/** Does a derivation run one command, or write one text, where a package has phases? */
export function isWritten(script: BuildScript): boolean {
  return (script.variables.get('buildCommand') ?? '') !== '' || isSubstituted(script);
}
