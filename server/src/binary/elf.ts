import type { BinaryFormat } from './binaryFormat.ts';
import { HeaderBytes, type HeaderReader } from './headerReader.ts';

export function isElf(head: Uint8Array): boolean {
  return head[0] === 0x7f && head[1] === 0x45 && head[2] === 0x4c && head[3] === 0x46;
}

/** Machines that are no processor of a system: their code is loaded by something that runs elsewhere. */
const foreignOnPurpose: Readonly<Record<number, string>> = {
  0: 'no machine',
  190: 'CUDA',
  224: 'AMD GPU',
  247: 'BPF',
};

const executable = 2;
const shared = 3;
const interpreterSegment = 3;
const noteSegment = 4;
/** A program has about a dozen segments; what says it has thousands is damaged. */
const mostSegments = 128;
const mostNotes = 4;
const longestText = 4096;

/** Reads an ELF header and its program headers (System V ABI, "Object Files" and "Program Loading"). */
export function* readElf(head: Uint8Array): HeaderReader<BinaryFormat> {
  const littleEndian = head[5] !== 2;
  const bytes = new HeaderBytes(head, littleEndian);
  const is64 = bytes.byte(4) === 2;
  const type = bytes.half(16);
  const machine = bytes.half(18);
  const flags = bytes.word(is64 ? 48 : 36);
  const purpose = foreignOnPurpose[machine];
  if (purpose !== undefined) return { kind: 'data', what: `ELF ${purpose}` };
  const processor = processorOf(machine, is64, littleEndian, flags);
  if (type !== executable && type !== shared)
    return { kind: 'code', slices: [{ container: 'ELF', processor }], use: 'object' };
  const { loader, kernel: noted } = yield* readSegments(bytes, is64, littleEndian);
  const kernel = noted ?? kernelOfAbi[bytes.byte(7)] ?? (loader === undefined ? undefined : kernelOf(loader));
  return {
    kind: 'code',
    slices: [{ container: 'ELF', processor, ...(kernel !== undefined && { kernel }) }],
    use: 'linked',
    ...(loader !== undefined && { loader }),
  };
}

function processorOf(machine: number, is64: boolean, littleEndian: boolean, flags: number): string {
  const ordered = (big: string, little: string): string => (littleEndian ? little : big);
  switch (machine) {
    case 2:
    case 18:
      return 'sparc';
    case 3:
    case 6:
      return 'i686';
    case 4:
      return 'm68k';
    case 8:
      // EF_MIPS_ABI2: the 32-bit pointers of n32 on a 64-bit processor.
      return is64 || (flags & 0x20) !== 0 ? ordered('mips64', 'mips64el') : ordered('mips', 'mipsel');
    case 15:
      return 'hppa';
    case 20:
      return ordered('powerpc', 'powerpcle');
    case 21:
      return ordered('powerpc64', 'powerpc64le');
    case 22:
      return is64 ? 's390x' : 's390';
    case 40:
      return ordered('armeb', 'arm');
    case 42:
      return 'sh4';
    case 43:
      return 'sparc64';
    case 50:
      return 'ia64';
    case 62:
      return 'x86_64';
    case 83:
      return 'avr';
    case 92:
      return 'or1k';
    case 94:
      return 'xtensa';
    case 105:
      return 'msp430';
    case 183:
      return ordered('aarch64_be', 'aarch64');
    case 189:
      return ordered('microblaze', 'microblazeel');
    case 195:
      return 'arc';
    case 243:
      return is64 ? 'riscv64' : 'riscv32';
    case 258:
      return is64 ? 'loongarch64' : 'loongarch32';
    case 0x9026:
      return 'alpha';
    default:
      return `machine ${machine}`;
  }
}

/** EI_OSABI where it is certain; zero, "System V", is that of many. */
const kernelOfAbi: Readonly<Record<number, string>> = {
  2: 'netbsd',
  3: 'linux',
  6: 'solaris',
  9: 'freebsd',
  12: 'openbsd',
};

/** The kernel whose loader has this name. */
function kernelOf(loader: string): string | undefined {
  if (/\/ld-(?:linux|musl|uClibc)[^/]*$|^\/system\/bin\/linker/.test(loader)) return 'linux';
  if (/\/ld-elf[^/]*\.so\.\d+$/.test(loader)) return 'freebsd';
  if (loader.endsWith('/ld.elf_so')) return 'netbsd';
  return loader === '/usr/libexec/ld.so' ? 'openbsd' : undefined;
}

function* readSegments(
  bytes: HeaderBytes,
  is64: boolean,
  littleEndian: boolean,
): HeaderReader<{ readonly loader: string | undefined; readonly kernel: string | undefined }> {
  const start = is64 ? bytes.long(32) : bytes.word(28);
  const size = bytes.half(is64 ? 54 : 42);
  const count = Math.min(bytes.half(is64 ? 56 : 44), mostSegments);
  let loader: string | undefined;
  let kernel: string | undefined;
  if (count === 0 || size === 0) return { loader, kernel };
  const table = new HeaderBytes(yield { offset: start, length: count * size }, littleEndian);
  let notes = 0;
  for (let at = 0; at < count * size; at += size) {
    const type = table.word(at);
    if (type !== interpreterSegment && type !== noteSegment) continue;
    const offset = is64 ? table.long(at + 8) : table.word(at + 4);
    const length = Math.min(is64 ? table.long(at + 32) : table.word(at + 16), longestText);
    if (type === interpreterSegment) {
      const text = new HeaderBytes(yield { offset, length }, littleEndian).text();
      if (text !== '') loader ??= text;
    } else if (kernel === undefined && notes < mostNotes) {
      notes += 1;
      kernel = kernelInNotes(new HeaderBytes(yield { offset, length }, littleEndian));
    }
  }
  return { loader, kernel };
}

/** First word of the description of `NT_GNU_ABI_TAG` (Linux Standard Base, "ABI note tag"). */
const gnuKernels = ['linux', 'hurd', 'solaris', 'freebsd'] as const;
const ownNames: Readonly<Record<string, string>> = {
  FreeBSD: 'freebsd',
  NetBSD: 'netbsd',
  OpenBSD: 'openbsd',
  Android: 'linux',
};

/** The kernel that a note names; notes that are cut off name none. */
function kernelInNotes(notes: HeaderBytes): string | undefined {
  let at = 0;
  while (at + 12 <= notes.length) {
    const nameLength = notes.word(at);
    const length = notes.word(at + 4);
    const type = notes.word(at + 8);
    const description = at + 12 + padded(nameLength);
    const next = description + padded(length);
    if (next > notes.length) return undefined;
    const name = nameLength === 0 ? '' : notes.text(at + 12);
    if (name === 'GNU' && type === 1 && length >= 4) return gnuKernels[notes.word(description)];
    // NT_VERSION and its like; type 1 in all of them.
    if (type === 1 && ownNames[name] !== undefined) return ownNames[name];
    at = next;
  }
  return undefined;
}

function padded(length: number): number {
  return Math.ceil(length / 4) * 4;
}
