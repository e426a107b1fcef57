import { isElf, readElf } from './elf.ts';
import { TruncatedHeader, type HeaderReader } from './headerReader.ts';
import { isMachO, readMachO } from './machO.ts';
import type { NativeCode } from './nativeCode.ts';
import { isPortableExecutable, readPortableExecutable } from './portableExecutable.ts';
import { parseShebang, type Shebang } from './shebang.ts';

/**
 * What a file is, as far as its header says.
 * - `code`: native code; several slices where it is a universal binary;
 * - `script`: names its interpreter in its first line;
 * - `data`: runs on no processor of its own, such as WebAssembly, or in another
 *   place on purpose, such as firmware;
 * - `truncated`: the header is cut off;
 * - `other`: anything else, such as text.
 */
export type BinaryFormat =
  | {
      readonly kind: 'code';
      readonly slices: readonly [NativeCode, ...NativeCode[]];
      /** `object`: to be linked or loaded by something else, such as a kernel module or a core dump. */
      readonly use: 'linked' | 'object';
      /** The program that loads it (ELF, PT_INTERP). */
      readonly loader?: string;
    }
  | { readonly kind: 'script'; readonly shebang: Shebang }
  | { readonly kind: 'data'; readonly what: string }
  | { readonly kind: 'truncated'; readonly what: string }
  | { readonly kind: 'other' };

/** So many bytes from the start of a file are enough for most headers. */
export const headLength = 4096;

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
