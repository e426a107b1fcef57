import type { TargetPlatform } from '../model/derivation.ts';
import type { System } from '../model/system.ts';
import { systemOfGo } from './goPlatforms.ts';
import type { ParsedDerivation, TargetSigns } from './parsedDerivation.ts';
import { systemOfSalt, systemOfTriple, tripleBeforeName } from './triples.ts';

/**
 * Infers for what a compiler, or another tool that handles machine code, makes
 * it; undefined where nothing says that the derivation has a target platform.
 *
 * The wrappers of compilers and of binutils name it in every nixpkgs, native
 * ones too (nixpkgs source, `cc-wrapper/default.nix`): `suffixSalt`, up to 20.03
 * `infixSalt`. What they wrap is configured with `--target=`, or has the triple
 * before its name.
 */
export function inferTargetPlatform(
  { hasStdenv, targetSigns }: Pick<ParsedDerivation, 'hasStdenv' | 'targetSigns'>,
  name: string,
): TargetPlatform | undefined {
  if (!hasStdenv) return undefined;
  const system = (targetSigns && targetOf(targetSigns)) ?? systemBeforeName(name);
  return system === undefined ? undefined : { system, certainty: 'inferred' };
}

function targetOf({ salt, configureTarget, ...signs }: TargetSigns): System | undefined {
  if (salt !== undefined) return systemOfSalt(salt);
  // rustc lists what it makes code for: the build, the host and the target platform.
  const triple = configureTarget?.split(',').at(-1);
  const configured = triple === undefined ? undefined : systemOfTriple(triple);
  return configured ?? targetOfGo(signs);
}

function targetOfGo(signs: TargetSigns): System | undefined {
  const { bootstrapsGo, goHostArchitecture, goArchitecture, goSystem } = signs;
  if (bootstrapsGo !== true || goHostArchitecture === undefined) return undefined;
  return systemOfGo(goArchitecture, goSystem);
}

function systemBeforeName(name: string): System | undefined {
  const triple = tripleBeforeName(name);
  return triple === undefined ? undefined : systemOfTriple(triple);
}
