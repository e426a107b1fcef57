import type { HostPlatform } from '../model/derivation.ts';
import type { System } from '../model/system.ts';
import type { CrossFlags, ParsedDerivation } from './parsedDerivation.ts';

/** Host platform of a cross-compiled derivation whose flags do not name it. */
export const unknownSystem: System = 'unknown';

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
  derivation: Pick<ParsedDerivation, 'builder' | 'outputs' | 'system' | 'crossFlags' | 'hasStdenv'>,
  name: string,
): HostPlatform {
  if (isBuiltin(derivation)) return { kind: 'neutral', reason: 'builtin' };
  if (isFixedOutput(derivation)) return { kind: 'neutral', reason: 'fixed-output' };
  const { system, crossFlags } = derivation;
  if (crossFlags !== undefined && isCross(crossFlags)) {
    const host = hostOf(crossFlags, name);
    if (host === undefined) return { kind: 'system', system: unknownSystem, certainty: 'assumed' };
    return { kind: 'system', system: host, certainty: 'inferred' };
  }
  return { kind: 'system', system, certainty: derivation.hasStdenv ? 'inferred' : 'assumed' };
}

function isCross(flags: CrossFlags): boolean {
  if (flags.cmakeSystemName !== undefined || flags.mesonCrossFile) return true;
  const { configureHost, configureBuild } = flags;
  return configureHost !== undefined && configureBuild !== undefined && configureHost !== configureBuild;
}

function hostOf(flags: CrossFlags, name: string): System | undefined {
  const triple = tripleInName(name) ?? flags.configureHost;
  const host = triple === undefined ? undefined : systemOfTriple(triple);
  if (host !== undefined) return host;
  if (flags.cmakeSystemName === undefined || flags.cmakeSystemProcessor === undefined) return undefined;
  const kernel = flags.cmakeSystemName.toLowerCase();
  return `${processorOf(flags.cmakeSystemProcessor.toLowerCase())}-${kernel === 'generic' ? 'none' : kernel}`;
}

const processors =
  'x86_64|amd64|i[3-6]86|aarch64(?:_be)?|arm64|arm(?:v[5-8][a-z]*|eb)?|riscv(?:32|64)|powerpc(?:64)?(?:le)?|mips(?:64)?(?:el)?' +
  '|s390x?|m68k|sparc(?:64)?|loongarch64|wasm(?:32|64)|avr|msp430|or1k|vc4|rx|mmix|js|javascript';
const kernels =
  'linux|darwin[0-9.]*|macos[0-9.]*|ios|mingw(?:32|64|w64)|windows|cygwin|freebsd[0-9.]*|netbsd|openbsd' +
  '|solaris|redox|wasi|genode|ghcjs|mmixware|none|elf|eabi(?:hf)?';
const environments = 'gnu[a-z0-9_]*|musl[a-z0-9]*|android[a-z]*|uclibc[a-z]*|eabi(?:hf)?|elf|msvc|coff';
const triplePattern = `(?:${processors})(?:-[a-z0-9_]+)??-(?:${kernels})(?:-(?:${environments}))?`;
const wholeTriple = new RegExp(
  `^(?<processor>${processors})(?:-[a-z0-9_]+)??-(?<kernel>${kernels})(?:-(?:${environments}))?$`,
);
/** Behind a dash: at the front of a name it is the target of a build → host tool. */
const tripleBehindDash = new RegExp(`-(${triplePattern})(?=-|$)`, 'g');

/** The host triple that nixpkgs appends to a name or, since about 23.05, to its `pname`. */
function tripleInName(name: string): string | undefined {
  let last: string | undefined;
  for (const match of name.matchAll(tripleBehindDash)) last = match[1];
  return last;
}

/** The system double of a GNU triple: `armv7l-unknown-linux-gnueabihf` is `armv7l-linux`. */
export function systemOfTriple(triple: string): System | undefined {
  if (triple === 'avr') return 'avr-none';
  const { processor, kernel } = wholeTriple.exec(triple)?.groups ?? {};
  if (processor === undefined || kernel === undefined) return undefined;
  return `${processorOf(processor)}-${kernelOf(kernel)}`;
}

/** Nix's name of a processor; others write `arm64` and `amd64`. */
function processorOf(processor: string): string {
  switch (processor) {
    case 'arm64':
      return 'aarch64';
    case 'amd64':
      return 'x86_64';
    case 'js':
      return 'javascript';
    default:
      return processor;
  }
}

function kernelOf(kernel: string): string {
  if (/^(?:darwin|macos)/.test(kernel)) return 'darwin';
  if (kernel.startsWith('mingw')) return 'windows';
  if (kernel.startsWith('freebsd')) return 'freebsd';
  return /^(?:elf|eabi)/.test(kernel) ? 'none' : kernel;
}
