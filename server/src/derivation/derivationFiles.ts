import { FileBuffer } from '../files/fileBuffer.ts';
import { largestDerivation } from '../files/limits.ts';
import { readRegularFile } from '../files/regularFile.ts';

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
  readonly #buffer = new FileBuffer();

  /** @param folder put before each path */
  constructor(folder = '') {
    this.#folder = folder;
  }

  readNow(path: string): Buffer {
    return this.#buffer.readNow(this.#folder + path, largestDerivation);
  }

  read(path: string): Promise<Buffer> {
    return readRegularFile(this.#folder + path, largestDerivation);
  }
}
