/** Headers of native code, byte by byte, as the specifications have them. */

export interface ElfSpec {
  readonly machine: number;
  readonly bits?: 32 | 64;
  readonly bigEndian?: boolean;
  /** 1 object, 2 program, 3 shared; default: 2. */
  readonly type?: number;
  readonly osAbi?: number;
  readonly flags?: number;
  /** PT_INTERP. */
  readonly interpreter?: string;
  /** PT_NOTE: name, type and words of the description. */
  readonly note?: readonly [name: string, type: number, ...words: number[]];
  /** Bytes between the header and what it points to. */
  readonly gap?: number;
}

/** An ELF file of a header, program headers and what these point to. */
export function elf(spec: ElfSpec): Buffer {
  const { bits = 64, bigEndian = false, gap = 0 } = spec;
  const is64 = bits === 64;
  const write = writer(bigEndian);
  const headerSize = is64 ? 64 : 52;
  const entrySize = is64 ? 56 : 32;
  const contents: [type: number, bytes: Buffer][] = [[1, Buffer.alloc(0)]];
  if (spec.note) contents.push([4, noteOf(spec.note, write)]);
  if (spec.interpreter !== undefined) contents.push([3, Buffer.from(`${spec.interpreter}\0`)]);
  const tableStart = headerSize + gap;
  let at = tableStart + entrySize * contents.length;
  const table: Buffer[] = [];
  for (const [type, { length }] of contents) {
    const entry = Buffer.alloc(entrySize);
    write.word(entry, 0, type);
    if (is64) {
      write.long(entry, 8, at);
      write.long(entry, 32, length);
    } else {
      write.word(entry, 4, at);
      write.word(entry, 16, length);
    }
    table.push(entry);
    at += length;
  }
  const header = Buffer.alloc(headerSize);
  header.set([0x7f, 0x45, 0x4c, 0x46, is64 ? 2 : 1, bigEndian ? 2 : 1, 1, spec.osAbi ?? 0]);
  write.half(header, 16, spec.type ?? 2);
  write.half(header, 18, spec.machine);
  if (is64) write.long(header, 32, tableStart);
  else write.word(header, 28, tableStart);
  write.word(header, is64 ? 48 : 36, spec.flags ?? 0);
  write.half(header, is64 ? 54 : 42, entrySize);
  write.half(header, is64 ? 56 : 44, contents.length);
  return Buffer.concat([header, Buffer.alloc(gap), ...table, ...contents.map(([, bytes]) => bytes)]);
}

function noteOf([name, type, ...words]: NonNullable<ElfSpec['note']>, write: Writer): Buffer {
  const text = Buffer.alloc(Math.ceil((name.length + 1) / 4) * 4);
  text.write(name, 'latin1');
  const head = Buffer.alloc(12);
  write.word(head, 0, name.length + 1);
  write.word(head, 4, words.length * 4);
  write.word(head, 8, type);
  const description = Buffer.alloc(words.length * 4);
  for (const [index, word] of words.entries()) write.word(description, index * 4, word);
  return Buffer.concat([head, text, description]);
}

/** `CPU_TYPE_…` of Mach-O files. */
export const cpuTypes = { i386: 7, x86_64: 0x01000007, arm64: 0x0100000c, ppc: 18 } as const;

/** A Mach-O file's header; type 2 is a program, 6 a library. */
export function machO(cpu: keyof typeof cpuTypes, type = 2): Buffer {
  const bigEndian = cpu === 'ppc';
  const write = writer(bigEndian);
  const bytes = Buffer.alloc(32);
  write.word(bytes, 0, cpuTypes[cpu] > 0xffffff ? 0xfeedfacf : 0xfeedface);
  write.word(bytes, 4, cpuTypes[cpu]);
  write.word(bytes, 12, type);
  return bytes;
}

/** The table of a universal binary, without its slices. */
export function fatMachO(...cpus: (keyof typeof cpuTypes)[]): Buffer {
  const bytes = Buffer.alloc(8 + 20 * cpus.length);
  bytes.writeUInt32BE(0xcafebabe, 0);
  bytes.writeUInt32BE(cpus.length, 4);
  for (const [index, cpu] of cpus.entries()) bytes.writeUInt32BE(cpuTypes[cpu], 8 + 20 * index);
  return bytes;
}

/** The header of a PE file; subsystem 3 is a console program, 10 one of EFI. */
export function portableExecutable(machine: number, { subsystem = 3, isNet = false } = {}): Buffer {
  const bytes = Buffer.alloc(64 + 24 + 240);
  bytes.write('MZ', 'latin1');
  bytes.writeUInt32LE(64, 0x3c);
  bytes.write('PE\0\0', 64, 'latin1');
  bytes.writeUInt16LE(machine, 64 + 4);
  bytes.writeUInt16LE(240, 64 + 20);
  bytes.writeUInt16LE(0x20b, 64 + 24);
  bytes.writeUInt16LE(subsystem, 64 + 24 + 68);
  if (isNet) bytes.writeUInt32LE(0x2000, 64 + 24 + 112 + 14 * 8);
  return bytes;
}

interface Writer {
  readonly half: (bytes: Buffer, at: number, value: number) => void;
  readonly word: (bytes: Buffer, at: number, value: number) => void;
  readonly long: (bytes: Buffer, at: number, value: number) => void;
}

function writer(bigEndian: boolean): Writer {
  return bigEndian
    ? {
        half: (bytes, at, value) => void bytes.writeUInt16BE(value, at),
        word: (bytes, at, value) => void bytes.writeUInt32BE(value, at),
        long: (bytes, at, value) => void bytes.writeBigUInt64BE(BigInt(value), at),
      }
    : {
        half: (bytes, at, value) => void bytes.writeUInt16LE(value, at),
        word: (bytes, at, value) => void bytes.writeUInt32LE(value, at),
        long: (bytes, at, value) => void bytes.writeBigUInt64LE(BigInt(value), at),
      };
}
