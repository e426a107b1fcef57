import type { BinaryFormat } from './binaryFormat.ts';
import { HeaderBytes, TruncatedHeader } from './headerReader.ts';
import type { NativeCode } from './nativeCode.ts';

const thin32 = 0xfeedface;
const thin64 = 0xfeedfacf;
const fat32 = 0xcafebabe;
const fat64 = 0xcafebabf;

export function isMachO(head: Uint8Array): boolean {
  if (head.length < 4) return false;
  const big = new HeaderBytes(head, false).word(0);
  const little = new HeaderBytes(head, true).word(0);
  return big === fat32 || big === fat64 || [big, little].some((word) => word === thin32 || word === thin64);
}

/** `CPU_TYPE_…` (Apple's `mach/machine.h`). */
const processors: Readonly<Record<number, string>> = {
  7: 'i686',
  0x01000007: 'x86_64',
  12: 'arm',
  0x0100000c: 'aarch64',
  0x0200000c: 'arm64_32',
  18: 'powerpc',
  0x01000012: 'powerpc64',
};

/** `MH_EXECUTE`, `MH_DYLIB`, `MH_DYLINKER` and `MH_BUNDLE` (Apple's `mach-o/loader.h`). */
const linkedTypes = new Set([2, 6, 7, 8]);

/** Java class files begin like universal binaries; their version, 45 or more, stands where the count would. */
const leastJavaVersion = 45;

/**
 * Reads the header of a Mach-O file, or the table of a universal one (Apple's `mach-o/fat.h`).
 *
 * @throws TruncatedHeader
 */
export function readMachO(head: Uint8Array): BinaryFormat {
  const big = new HeaderBytes(head, false);
  const magic = big.word(0);
  if (magic === fat32 || magic === fat64) return readUniversal(big, magic === fat64 ? 32 : 20);
  const bytes = magic === thin32 || magic === thin64 ? big : new HeaderBytes(head, true);
  return {
    kind: 'code',
    slices: [codeOf(bytes.word(4))],
    use: linkedTypes.has(bytes.word(12)) ? 'linked' : 'object',
  };
}

function readUniversal(bytes: HeaderBytes, entrySize: number): BinaryFormat {
  const count = bytes.word(4);
  if (count >= leastJavaVersion) return { kind: 'data', what: 'Java class' };
  const [first, ...others] = Array.from({ length: count }, (_, at) => codeOf(bytes.word(8 + at * entrySize)));
  if (first === undefined) throw new TruncatedHeader();
  return { kind: 'code', slices: [first, ...others], use: 'linked' };
}

function codeOf(cpuType: number): NativeCode {
  return { container: 'Mach-O', processor: processors[cpuType] ?? `CPU type ${cpuType}` };
}
