/** How native code is packed into files. */
export type CodeContainer = 'ELF' | 'Mach-O' | 'PE';

/** Native code for one processor, as its header states it. */
export interface NativeCode {
  readonly container: CodeContainer;
  /**
   * The processor family by the name that Nix gives it; all of 32-bit ARM is
   * `arm`, all of 32-bit x86 `i686`. A number that nobody knows stays one.
   */
  readonly processor: string;
  /** Only where the header is certain of it; ELF alone is that of many kernels. */
  readonly kernel?: string;
}

/** Names that people know the processors by, where they differ from Nix's. */
const elfNames: Readonly<Record<string, string>> = {
  x86_64: 'x86-64',
  i686: 'i386',
  aarch64: 'AArch64',
  aarch64_be: 'AArch64 (big-endian)',
  arm: 'ARM',
  armeb: 'ARM (big-endian)',
  riscv64: 'RISC-V 64',
  riscv32: 'RISC-V 32',
  powerpc: 'PowerPC',
  powerpc64: 'PowerPC 64',
  powerpc64le: 'PowerPC 64 (little-endian)',
  mips: 'MIPS',
  mipsel: 'MIPS (little-endian)',
  mips64: 'MIPS 64',
  mips64el: 'MIPS 64 (little-endian)',
  loongarch64: 'LoongArch 64',
};

const machONames: Readonly<Record<string, string>> = { aarch64: 'arm64', i686: 'i386', powerpc: 'ppc' };

/** E.g. `ELF x86-64`, `Mach-O arm64`; the kernel only where it is said to matter. */
export function labelOfCode({ container, processor, kernel }: NativeCode, withKernel = false): string {
  const names = container === 'Mach-O' ? machONames : elfNames;
  const system = withKernel && kernel !== undefined ? ` for ${kernel}` : '';
  return `${container} ${names[processor] ?? processor}${system}`;
}

/** All slices of a file: `Mach-O universal (x86_64, arm64)`. */
export function labelOfSlices(slices: readonly NativeCode[], withKernel = false): string {
  const [first, ...others] = slices;
  if (first === undefined) return 'nothing';
  if (others.length === 0) return labelOfCode(first, withKernel);
  const names = slices.map((slice) => labelOfCode(slice).slice(slice.container.length + 1));
  return `${first.container} universal (${names.join(', ')})`;
}
