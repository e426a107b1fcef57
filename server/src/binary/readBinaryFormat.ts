import { isElf, readElf } from './elf.ts';
import { TruncatedHeader, type HeaderReader } from './headerReader.ts';
import { isMachO, readMachO } from './machO.ts';
import { isPortableExecutable, readPortableExecutable } from './portableExecutable.ts';
import { headLength, type BinaryFormat } from './binaryFormat.ts';
import { parseShebang } from './shebang.ts';

/*
 * The headers of ELF, Mach-O and PE are read by hand, on purpose. Hundreds of
 * thousands of files are looked at, some of them gigabytes long and any of them
 * damaged or hostile: a reader here asks for the few bytes that it needs, has a
 * limit for whatever a file says of itself, and opens nothing. Packages for
 * these formats know one format each, want the whole file in memory, and throw
 * whatever they throw at a damaged one; `file` and `readelf` are not on every
 * machine, and would be a process for each file.
 */

/** Tells what a file is. */
export function* readBinaryFormat(): HeaderReader<BinaryFormat> {
  const head = yield { offset: 0, length: headLength };
  const container = isElf(head)
    ? 'ELF'
    : isMachO(head)
      ? 'Mach-O'
      : isPortableExecutable(head)
        ? 'PE'
        : undefined;
  if (container !== undefined) {
    try {
      if (container === 'ELF') return yield* readElf(head);
      return container === 'PE' ? yield* readPortableExecutable(head) : readMachO(head);
    } catch (error) {
      if (!(error instanceof TruncatedHeader)) throw error;
      return { kind: 'truncated', what: container };
    }
  }
  if (startsWith(head, '#!')) {
    const shebang = parseShebang(head);
    return shebang ? { kind: 'script', shebang } : { kind: 'other' };
  }
  const known = dataMagics.find(([magic]) => startsWith(head, magic));
  return known ? { kind: 'data', what: known[1] } : { kind: 'other' };
}

const dataMagics: readonly (readonly [magic: string, what: string])[] = [
  ['\0asm', 'WebAssembly'],
  ['!<arch>\n', 'ar archive'],
  ['!<thin>\n', 'ar archive'],
  ['BC\u00c0\u00de', 'LLVM bitcode'],
];

function startsWith(bytes: Uint8Array, magic: string): boolean {
  return Buffer.from(bytes.subarray(0, magic.length)).toString('latin1') === magic;
}
