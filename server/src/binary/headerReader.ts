/** A stretch of a file, in bytes. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/**
 * A parser of a file's header that reads nothing itself: it yields the stretch
 * that it wants to see and is handed those bytes, fewer where the file ends.
 */
export type HeaderReader<Result> = Generator<ByteRange, Result, Uint8Array>;

/** The header ends before it has said what it has to say. */
export class TruncatedHeader extends Error {
  override readonly name = 'TruncatedHeader';
}

/** Numbers and texts of one stretch of bytes. */
export class HeaderBytes {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  readonly #littleEndian: boolean;

  constructor(bytes: Uint8Array, littleEndian: boolean) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#littleEndian = littleEndian;
  }

  get length(): number {
    return this.#bytes.length;
  }

  /** @throws TruncatedHeader */
  byte(offset: number): number {
    return this.#view.getUint8(this.#at(offset, 1));
  }

  /** @throws TruncatedHeader */
  half(offset: number): number {
    return this.#view.getUint16(this.#at(offset, 2), this.#littleEndian);
  }

  /** @throws TruncatedHeader */
  word(offset: number): number {
    return this.#view.getUint32(this.#at(offset, 4), this.#littleEndian);
  }

  /**
   * Eight bytes; what no file can be as large as is no offset.
   *
   * @throws TruncatedHeader
   */
  long(offset: number): number {
    const value = Number(this.#view.getBigUint64(this.#at(offset, 8), this.#littleEndian));
    if (!Number.isSafeInteger(value)) throw new TruncatedHeader();
    return value;
  }

  /** Latin-1 text up to a NUL byte, or the end. */
  text(offset = 0): string {
    const end = this.#bytes.indexOf(0, offset);
    return Buffer.from(this.#bytes.subarray(offset, end === -1 ? undefined : end)).toString('latin1');
  }

  #at(offset: number, length: number): number {
    if (offset < 0 || offset + length > this.#bytes.length) throw new TruncatedHeader();
    return offset;
  }
}
