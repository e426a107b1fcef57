import { closeSync, constants, openSync, readSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

/** Where the texts of .drv files come from. */
export interface DerivationFiles {
  /**
   * Reads a file now. The bytes are good until the next call.
   *
   * @throws NodeJS.ErrnoException when it is no readable file
   */
  readNow(path: string): Buffer;
  /** The same without blocking; any number at once, the bytes stay good. */
  read(path: string): Promise<Buffer>;
}

/** The files of this machine, by their own paths. */
export class LocalFiles implements DerivationFiles {
  /** Large enough for almost every .drv file; grows where it is not. */
  #buffer = Buffer.allocUnsafeSlow(256 * 1024);

  readNow(path: string): Buffer {
    const descriptor = openSync(path, constants.O_RDONLY);
    try {
      let length = 0;
      for (;;) {
        const read = readSync(descriptor, this.#buffer, length, this.#buffer.length - length, null);
        length += read;
        // Files come whole: less than was asked for is the end, and spares a call.
        if (length < this.#buffer.length) return this.#buffer.subarray(0, length);
        const larger = Buffer.allocUnsafeSlow(this.#buffer.length * 2);
        this.#buffer.copy(larger);
        this.#buffer = larger;
      }
    } finally {
      closeSync(descriptor);
    }
  }

  read(path: string): Promise<Buffer> {
    return readFile(path);
  }
}
