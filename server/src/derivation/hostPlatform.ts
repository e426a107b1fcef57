import type { HostPlatform } from '../model/derivation.ts';
import type { System } from '../model/system.ts';
import { isOtherForGo, systemOfGo } from './goPlatforms.ts';
import type { CrossFlags, ParsedDerivation } from './parsedDerivation.ts';
import { processorOf, systemOfTriple, tripleInName } from './triples.ts';

/** Host platform of a cross-compiled derivation whose flags do not name it. */
export const unknownSystem: System = 'unknown';

/** What the first `stdenv` is made of: without one, and for where it is unpacked (nixpkgs source, `stdenv/linux`). */
const bootstrapTools = 'bootstrap-tools';

/** Does the derivation's builder run inside Nix itself (Nix source, `isBuiltin`)? */
export function isBuiltin(derivation: Pick<ParsedDerivation, 'builder'>): boolean {
  return derivation.builder.startsWith('builtin:');
}

/** Is its content fixed beforehand, and so the same on every system? */
export function isFixedOutput(derivation: Pick<ParsedDerivation, 'outputs'>): boolean {
  return derivation.outputs.some((output) => output.fixedOutput);
}

/**
 * Infers where the outputs of a derivation run from what nixpkgs'
 * `mkDerivation` puts into every derivation whose host differs from its build
 * platform (nixpkgs source, `make-derivation.nix`, since 19.09).
 *
 * `--host=` alone says nothing: gcc, binutils, gdb and rustc set it natively.
 */
export function inferHostPlatform(
  derivation: Pick<
    ParsedDerivation,
    'builder' | 'outputs' | 'system' | 'crossFlags' | 'targetSigns' | 'hasStdenv' | 'isStdenv'
  >,
  name: string,
): HostPlatform {
  if (isBuiltin(derivation)) return { kind: 'neutral', reason: 'builtin' };
  if (isFixedOutput(derivation)) return { kind: 'neutral', reason: 'fixed-output' };
  const { system, crossFlags } = derivation;
  if (crossFlags !== undefined && isCross(crossFlags, name)) {
    const host = hostOf(crossFlags, name);
    if (host === undefined) return { kind: 'system', system: unknownSystem, certainty: 'assumed' };
    return { kind: 'system', system: host, certainty: 'inferred' };
  }
  const ofGo = hostOfGo(derivation);
  if (ofGo) return ofGo;
  const says = derivation.hasStdenv || derivation.isStdenv || name === bootstrapTools;
  return { kind: 'system', system, certainty: says ? 'inferred' : 'assumed' };
}

function isCross(flags: CrossFlags, name: string): boolean {
  if (flags.cmakeSystemName !== undefined) return true;
  // CMake is told as well wherever nixpkgs makes one; dbus, tinysparql and scipy have one of their own natively.
  if (flags.mesonCrossFile && tripleInName(name) !== undefined) return true;
  const { configureHost, configureBuild } = flags;
  if (configureHost !== undefined && configureBuild !== undefined) return configureHost !== configureBuild;
  // Up to 19.03 these flags were all that there was, and who cleared them left only the name.
  return flags.noConfigurePlatforms === true && tripleInName(name) !== undefined;
}

function hostOf(flags: CrossFlags, name: string): System | undefined {
  const triple = tripleInName(name) ?? flags.configureHost;
  const host = triple === undefined ? undefined : systemOfTriple(triple);
  if (host !== undefined) return host;
  if (flags.cmakeSystemName === undefined || flags.cmakeSystemProcessor === undefined) return undefined;
  const kernel = flags.cmakeSystemName.toLowerCase();
  return `${processorOf(flags.cmakeSystemProcessor.toLowerCase())}-${kernel === 'generic' ? 'none' : kernel}`;
}

/**
 * Up to 20.09 nothing but Go's own variables said for where a package in Go is
 * (nixpkgs source, `go-modules/generic`). Those of a Go compiler name its target.
 */
function hostOfGo({
  system,
  targetSigns: { bootstrapsGo, goHostArchitecture, goArchitecture, goSystem } = {},
}: Pick<ParsedDerivation, 'system' | 'targetSigns'>): HostPlatform | undefined {
  if (bootstrapsGo === true || goHostArchitecture !== undefined) return undefined;
  if (!isOtherForGo(goArchitecture, goSystem, system)) return undefined;
  const host = systemOfGo(goArchitecture, goSystem);
  if (host === undefined) return { kind: 'system', system: unknownSystem, certainty: 'assumed' };
  return { kind: 'system', system: host, certainty: 'inferred' };
}
