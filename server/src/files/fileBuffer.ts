import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

import { FileTooLargeError, NoRegularFileError, refuseNoRegularFile } from './fileErrors.ts';
import { readOnly } from './limits.ts';

/** Reads whole regular files at once, one after the other into the same memory. */
export class FileBuffer {
  /** Large enough for almost every .drv file; grows where it is not. */
  #buffer = Buffer.allocUnsafeSlow(256 * 1024);

  /**
   * The bytes are good until the next call.
   *
   * @param limit in bytes; a larger file is not read
   * @throws NoRegularFileError, FileTooLargeError, or the file system's own error
   */
  readNow(path: string, limit: number): Buffer {
    const descriptor = openNow(path);
    try {
      const status = fstatSync(descriptor);
      if (!status.isFile()) throw new NoRegularFileError(path, status);
      let length = 0;
      for (;;) {
        const read = readSync(descriptor, this.#buffer, length, this.#buffer.length - length, null);
        length += read;
        if (length > limit) throw new FileTooLargeError(path, limit);
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
}

function openNow(path: string): number {
  try {
    return openSync(path, readOnly);
  } catch (error) {
    return refuseNoRegularFile(error, path);
  }
}
