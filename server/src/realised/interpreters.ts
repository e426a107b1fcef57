import { realpath } from 'node:fs/promises';
import { headLength } from '../binary/binaryFormat.ts';
import type { NativeCode } from '../binary/nativeCode.ts';
import { readFormat } from './readFormat.ts';

/** The program that a script or a binary is run by. */
export type Interpreter =
  | { readonly kind: 'code'; readonly path: string; readonly slices: readonly NativeCode[] }
  /** It should be in the store and is not. */
  | { readonly kind: 'missing'; readonly path: string }
  /** Nothing is known of it: it is none of the store's, or no native code. */
  | { readonly kind: 'elsewhere' };

/** An interpreter may be a script itself; kernels follow no more of them (Linux: `BINPRM_MAX_RECURSION`). */
const mostScripts = 4;

/** Finds out what interpreters are, each of them once. */
export class Interpreters {
  readonly #storeDir: string;
  /** The store's folder may lie behind a link. */
  readonly #realStoreDir: Promise<string>;
  readonly #known = new Map<string, Promise<Interpreter>>();

  constructor(storeDir: string) {
    this.#storeDir = storeDir;
    this.#realStoreDir = realpath(storeDir).catch(() => storeDir);
  }

  /** @param path as a script or a program header names it */
  find(path: string): Promise<Interpreter> {
    let known = this.#known.get(path);
    if (known === undefined) this.#known.set(path, (known = this.#find(path, mostScripts)));
    return known;
  }

  async #find(path: string, scriptsLeft: number): Promise<Interpreter> {
    // What lies outside the store is another machine's where the output runs.
    if (!path.startsWith(`${this.#storeDir}/`)) return { kind: 'elsewhere' };
    const target = await realpath(path).catch(() => undefined);
    if (target === undefined) return { kind: 'missing', path };
    if (!target.startsWith(`${await this.#realStoreDir}/`)) return { kind: 'elsewhere' };
    const found = await readFormat(target, new Uint8Array(headLength)).catch(() => undefined);
    if (found?.format.kind === 'code') return { kind: 'code', path: target, slices: found.format.slices };
    if (found?.format.kind !== 'script' || scriptsLeft === 0) return { kind: 'elsewhere' };
    return this.#find(found.format.shebang.interpreter, scriptsLeft - 1);
  }
}
