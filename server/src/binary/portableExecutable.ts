import type { BinaryFormat } from './binaryFormat.ts';
import { HeaderBytes, type HeaderReader } from './headerReader.ts';

export function isPortableExecutable(head: Uint8Array): boolean {
  return head[0] === 0x4d && head[1] === 0x5a && head.length >= 64;
}

/** `IMAGE_FILE_MACHINE_…` (Microsoft, "PE Format"). */
const processors: Readonly<Record<number, string>> = {
  0x14c: 'i686',
  0x8664: 'x86_64',
  0x1c0: 'arm',
  0x1c2: 'arm',
  0x1c4: 'arm',
  0xaa64: 'aarch64',
  0x200: 'ia64',
  0x5064: 'riscv64',
  0x6264: 'loongarch64',
};

/** Fields behind the signature, as far as the directory of the .NET header in the longer form. */
const length = 24 + 112 + 15 * 8;

/** Reads a PE header (Microsoft, "PE Format"). */
export function* readPortableExecutable(head: Uint8Array): HeaderReader<BinaryFormat> {
  const offset = new HeaderBytes(head, true).word(0x3c);
  const bytes = new HeaderBytes(yield { offset, length }, true);
  // Programs for DOS, and whatever happens to begin with MZ.
  if (bytes.length < 4 || bytes.word(0) !== 0x4550) return { kind: 'other' };
  const machine = bytes.half(4);
  const optionalLength = bytes.half(20);
  if (optionalLength >= 70) {
    const subsystem = bytes.half(24 + 68);
    // Firmware loads these: boot loaders, drivers, a kernel with its EFI stub.
    if (subsystem >= 10 && subsystem <= 13) return { kind: 'data', what: 'EFI program' };
    const isLong = bytes.half(24) === 0x20b;
    const netHeader = (isLong ? 112 : 96) + 14 * 8;
    if (optionalLength >= netHeader + 8 && bytes.word(24 + netHeader) !== 0)
      return { kind: 'data', what: '.NET assembly' };
  }
  const processor = processors[machine] ?? `machine ${machine}`;
  return {
    kind: 'code',
    slices: [{ container: 'PE', processor }],
    use: optionalLength === 0 ? 'object' : 'linked',
  };
}
