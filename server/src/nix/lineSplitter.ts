/**
 * Cuts a stream of bytes into lines of text. Bytes are kept until their line is
 * complete, so that a chunk may end anywhere, within a UTF-8 sequence too, and
 * a line of megabytes is copied once.
 */
export class LineSplitter {
  readonly #onLine: (line: string) => void;
  #pending: Uint8Array[] = [];

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      this.#emit(chunk.subarray(start, end));
      start = end + 1;
    }
    if (start < chunk.length) this.#pending.push(chunk.subarray(start));
  }

  /** Hands out what is left after the last newline. */
  end(): void {
    if (this.#pending.length > 0) this.#emit(Buffer.alloc(0));
  }

  #emit(last: Buffer): void {
    if (this.#pending.length === 0) {
      this.#onLine(last.toString('utf8'));
      return;
    }
    const line = Buffer.concat([...this.#pending, last]);
    this.#pending = [];
    this.#onLine(line.toString('utf8'));
  }
}
