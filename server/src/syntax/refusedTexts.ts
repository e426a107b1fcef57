import { createHash } from 'node:crypto';

/** More of them than a workspace has. */
const most = 100;

/**
 * The texts for which the parser did not do. To find that out takes seconds,
 * and a file is asked for by several: as a document, as a place of targets, as
 * a file of the workspace. Of each text only what recognises it is kept.
 */
export class RefusedTexts {
  #known: readonly { readonly length: number; readonly hash: string }[] = [];

  add(text: string): void {
    this.#known = [...this.#known.slice(1 - most), { length: text.length, hash: hashOf(text) }];
  }

  has(text: string): boolean {
    return this.#known.some(({ length, hash }) => length === text.length && hash === hashOf(text));
  }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
