import type { NativeCode } from './nativeCode.ts';
import type { Shebang } from './shebang.ts';

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
