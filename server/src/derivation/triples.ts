import type { System } from '../model/system.ts';

const processors =
  'x86_64|amd64|i[3-6]86|aarch64(?:_be)?|arm64|arm(?:v[5-8][a-z]*|eb)?|riscv(?:32|64)(?:gc)?|powerpc(?:64)?(?:le)?|mips(?:64)?(?:el)?' +
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
/** Static packages are marked in front of the triple (nixpkgs source, `make-derivation.nix`, `staticMarker`). */
const hostOfName = new RegExp(`(?:-static)?-${triplePattern}(?=-|$)`, 'g');
const saltPattern = new RegExp(`^(?<processor>${processors})_(?<rest>.*)$`);
const tripleAtFront = new RegExp(`^(${triplePattern})-`);

/** The host triple that nixpkgs appends to a name or, since about 23.05, to its `pname`. */
export function tripleInName(name: string): string | undefined {
  let last: string | undefined;
  for (const match of name.matchAll(tripleBehindDash)) last = match[1];
  return last;
}

/** The target triple that nixpkgs puts before the name of a compiler for another platform, or of its parts. */
export function tripleBeforeName(name: string): string | undefined {
  return tripleAtFront.exec(name)?.[1];
}

/** The name that the same derivation has where nothing is cross-compiled: without triples. */
export function nativeName(name: string): string {
  return name.replace(hostOfName, '').replace(tripleAtFront, '');
}

/** The system double of a GNU triple: `armv7l-unknown-linux-gnueabihf` is `armv7l-linux`. */
export function systemOfTriple(triple: string): System | undefined {
  if (triple === 'avr') return 'avr-none';
  const { processor, kernel } = wholeTriple.exec(triple)?.groups ?? {};
  if (processor === undefined || kernel === undefined) return undefined;
  return `${processorOf(processor)}-${kernelOf(kernel)}`;
}

/** The system double of a triple whose dashes and dots are underscores (nixpkgs' `suffixSalt`). */
export function systemOfSalt(salt: string): System | undefined {
  const { processor, rest } = saltPattern.exec(salt)?.groups ?? {};
  if (processor === undefined || rest === undefined) return systemOfTriple(salt);
  return systemOfTriple(`${processor}-${rest.replaceAll('_', '-')}`);
}

/** Nix's name of a processor; others write `arm64` and `amd64`, `uname` writes `ppc64le`. */
export function processorOf(processor: string): string {
  switch (processor) {
    case 'arm64':
      return 'aarch64';
    case 'amd64':
      return 'x86_64';
    // Rust's names.
    case 'armv7':
      return 'armv7l';
    case 'riscv64gc':
      return 'riscv64';
    case 'ppc64le':
      return 'powerpc64le';
    case 'ppc64':
      return 'powerpc64';
    case 'ppc':
      return 'powerpc';
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
