import { nativeName } from '../../derivation/triples.ts';
import type { Derivation } from '../../model/derivation.ts';

/** A cross-compiled package of which some outputs run where it is built all the same. */
interface BuildOutputs {
  readonly name: RegExp;
  readonly outputs: readonly string[];
}

/**
 * A cross-compiled perl has a `miniperl` for the build platform in an output of
 * its own, with which perl's modules are built: `dev` since nixpkgs 20.03, `mini`
 * since 21.05; a native perl has neither (nixpkgs source, `interpreters/perl`).
 */
const known: readonly BuildOutputs[] = [{ name: /^perl-\d/, outputs: ['dev', 'mini'] }];

/** Is one of these outputs of a cross-compiled derivation meant to run where it is built? */
export function runsAtBuild(derivation: Derivation, outputs: readonly string[]): boolean {
  const name = nativeName(derivation.name);
  return known.some((one) => one.name.test(name) && outputs.some((output) => one.outputs.includes(output)));
}

/**
 * A compiler runs where it is built, and the libraries in an output of their own
 * run where the code does that it makes: `stdenv.cc.cc.lib` (nixpkgs source,
 * `compilers/gcc/builder.sh`). Newer trees have `libgcc` apart.
 */
export function isForTarget(
  { name, target }: Pick<Derivation, 'name' | 'target'>,
  outputs: readonly string[],
): boolean {
  if (target === undefined || !/(?:^|-)gcc-(?:debug-)?\d/.test(name)) return false;
  return outputs.length > 0 && outputs.every((output) => output === 'lib' || output === 'libgcc');
}
