import { joinLines, visible } from '../output/shown.ts';

/** Takes the line away on which the cursor is (ECMA-48, "EL"). */
const erased = '\r\u001b[K';

/** What a command is doing, in the last line of a terminal; the line is gone once something else is written. */
export class StatusLine {
  readonly #write: (text: string) => void;
  readonly #columns: () => number;
  #isShown = false;

  /** @param columns how wide the terminal is, by now */
  constructor(write: (text: string) => void, columns: () => number) {
    this.#write = write;
    this.#columns = columns;
  }

  show(text: string): void {
    // A line that wraps could not be taken away.
    const line = visible(joinLines(text)).slice(0, Math.max(0, this.#columns() - 1));
    this.#write(`${this.#isShown ? erased : ''}${line}`);
    this.#isShown = true;
  }

  clear(): void {
    if (this.#isShown) this.#write(erased);
    this.#isShown = false;
  }
}
