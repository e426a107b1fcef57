import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';

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

/** The files of this machine, by their own paths or below a folder. */
export class LocalFiles implements DerivationFiles {
  readonly #folder: string;
  /** Large enough for almost every .drv file; grows where it is not. */
  #buffer = Buffer.allocUnsafeSlow(256 * 1024);

  /** @param folder put before each path */
  constructor(folder = '') {
    this.#folder = folder;
  }

  readNow(path: string): Buffer {
    const descriptor = openSync(this.#folder + path, readOnly);
    try {
      if (!fstatSync(descriptor).isFile()) throw new NoRegularFileError(path);
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

  async read(path: string): Promise<Buffer> {
    await using file = await open(this.#folder + path, readOnly);
    if (!(await file.stat()).isFile()) throw new NoRegularFileError(path);
    return await file.readFile();
  }
}

/** Without waiting: to open a named pipe would wait for somebody who writes to it. */
const readOnly = constants.O_RDONLY | constants.O_NONBLOCK;

/** A pipe, a folder or a device, as if the file system itself refused it. */
class NoRegularFileError extends Error {
  readonly code = 'EINVAL';

  constructor(path: string) {
    super(`EINVAL: no regular file, open '${path}'`);
  }
}
