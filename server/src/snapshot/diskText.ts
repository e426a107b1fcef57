import { createHash } from 'node:crypto';

/**
 * What is known of a file on disk: its text where that is open or was evaluated,
 * else only enough to recognise it. Undefined: there is no file that can be read.
 */
export type DiskText = string | RecognisableText | undefined;

/** Enough of a text to recognise it: a watcher may tell of all files of a repository, and nobody reads most of them. */
export class RecognisableText {
  readonly #length: number;
  readonly #digest: string;
  /** What it was compared with last, and is not: the same text is asked for again and again. */
  #other: string | undefined;

  constructor(text: string) {
    this.#length = text.length;
    this.#digest = digestOf(text);
  }

  is(text: string): boolean {
    if (text.length !== this.#length || text === this.#other) return false;
    if (digestOf(text) === this.#digest) return true;
    this.#other = text;
    return false;
  }
}

/** True where a file holds this text; undefined: where there is none that can be read. */
export function isText(known: DiskText, text: string | undefined): boolean {
  return known instanceof RecognisableText ? text !== undefined && known.is(text) : known === text;
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
