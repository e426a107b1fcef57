import { close, closeSync, read, readSync, type PathLike, type Stats } from 'node:fs';
import { promisify } from 'node:util';
import { headLength, type BinaryFormat } from '../binary/binaryFormat.ts';
import { readBinaryFormat } from '../binary/readBinaryFormat.ts';
import type { ByteRange } from '../binary/headerReader.ts';
import { openFile, openFileNow } from '../files/openFile.ts';

const readAt = promisify(read);
const closeFile = promisify(close);

/** What a regular file is. */
export interface FileFormat {
  readonly format: BinaryFormat;
  /** One of its executable bits is set. */
  readonly isExecutable: boolean;
}

/**
 * Reads the header of a regular file, and no more of it.
 *
 * @param head the buffer for the file's first bytes, {@link headLength} of them at least
 * @returns undefined where it is no regular file
 * @throws Error of the file system
 */
export async function readFormat(path: PathLike, head: Uint8Array): Promise<FileFormat | undefined> {
  const file = await openFile(path);
  if (!file) return undefined;
  const { descriptor, status } = file;
  try {
    const { bytesRead } = await readAt(descriptor, head, 0, headLength, 0);
    const parser = new FormatParser(head.subarray(0, bytesRead));
    for (let range = parser.wanted; range; range = parser.wanted) {
      const bytes = new Uint8Array(range.length);
      const more = await readAt(descriptor, bytes, 0, range.length, range.offset);
      parser.take(bytes.subarray(0, more.bytesRead));
    }
    return { format: parser.format, isExecutable: isExecutable(status) };
  } finally {
    await closeFile(descriptor);
  }
}

/**
 * The same at once: many times quicker where the file is in memory already,
 * and a stop for everything else where it is not.
 */
export function readFormatNow(path: PathLike, head: Uint8Array): FileFormat | undefined {
  const file = openFileNow(path);
  if (!file) return undefined;
  const { descriptor, status } = file;
  try {
    const parser = new FormatParser(head.subarray(0, readSync(descriptor, head, 0, headLength, 0)));
    for (let range = parser.wanted; range; range = parser.wanted) {
      const bytes = new Uint8Array(range.length);
      parser.take(bytes.subarray(0, readSync(descriptor, bytes, 0, range.length, range.offset)));
    }
    return { format: parser.format, isExecutable: isExecutable(status) };
  } finally {
    closeSync(descriptor);
  }
}

function isExecutable({ mode }: Stats): boolean {
  return (mode & 0o111) !== 0;
}

/** A header that asks for more than this leads nowhere, in bytes and in reads behind the head. */
const longestRead = 65_536;
const mostReads = 8;
const nothing = new Uint8Array();

/** Hands the parser what it asks for, from the head as far as that goes. */
class FormatParser {
  readonly #head: Uint8Array;
  readonly #reader = readBinaryFormat();
  #step: IteratorResult<ByteRange, BinaryFormat>;
  #reads = 0;
  #format: BinaryFormat = { kind: 'other' };

  constructor(head: Uint8Array) {
    this.#head = head;
    this.#step = this.#reader.next();
  }

  /** What has to be read from the file; undefined once the format is known. */
  get wanted(): ByteRange | undefined {
    while (this.#step.done !== true) {
      const { offset, length } = this.#step.value;
      const end = offset + Math.min(length, longestRead);
      const isAllThere = end <= this.#head.length || this.#head.length < headLength;
      if (!isAllThere && this.#reads < mostReads) {
        this.#reads += 1;
        return { offset, length: end - offset };
      }
      this.take(isAllThere ? this.#head.subarray(offset, end) : nothing);
    }
    this.#format = this.#step.value;
    return undefined;
  }

  take(bytes: Uint8Array): void {
    this.#step = this.#reader.next(bytes);
  }

  get format(): BinaryFormat {
    return this.#format;
  }
}
