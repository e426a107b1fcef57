import { hashLength } from '../model/storePath.ts';

/** A store path with what stands behind it: `/nix/store/<hash>-name` and `/bin/x`. */
export interface PathInStore {
  readonly storePath: string;
  /** Empty, or from a slash on. */
  readonly inner: string;
}

/** Finds the store paths that somebody wants to know of in texts. */
export class WantedPaths {
  readonly #isWanted: (storePath: string) => boolean;
  readonly #prefix: string;
  readonly #path: RegExp;

  /** @param isWanted is asked with a store path, without what is inside it */
  constructor(storeDir: string, isWanted: (storePath: string) => boolean) {
    this.#isWanted = isWanted;
    this.#prefix = `${storeDir}/`;
    const escaped = this.#prefix.replace(/[^\w/]/g, '\\$&');
    this.#path = new RegExp(
      `(${escaped}[0-9a-z]{${hashLength}}-[\\w+.?=-]+)((?:/[^\\s"'\`:;|&()<>,]*)?)`,
      'g',
    );
  }

  /** Is one of them somewhere in the text? */
  isIn(text: string): boolean {
    return this.allIn(text).length > 0;
  }

  /** All of them in the text. */
  allIn(text: string): PathInStore[] {
    if (!text.includes(this.#prefix)) return [];
    return [...text.matchAll(this.#path)]
      .map(([, storePath = '', inner = '']) => ({ storePath, inner }))
      .filter(({ storePath }) => this.#isWanted(storePath));
  }

  /** The one that the text begins with. */
  atStartOf(text: string): PathInStore | undefined {
    if (!text.startsWith(this.#prefix)) return undefined;
    this.#path.lastIndex = 0;
    const [, storePath = '', inner = ''] = this.#path.exec(text) ?? [];
    this.#path.lastIndex = 0;
    return storePath !== '' && this.#isWanted(storePath) ? { storePath, inner } : undefined;
  }
}
