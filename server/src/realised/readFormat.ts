import { close, constants, fstat, open, read, type PathLike } from 'node:fs';
import { promisify } from 'node:util';
import { headLength, readBinaryFormat, type BinaryFormat } from '../binary/binaryFormat.ts';

const openFile = promisify(open);
const statFile = promisify(fstat);
const readFile = promisify(read);
const closeFile = promisify(close);

/** What a regular file is. */
export interface FileFormat {
  readonly format: BinaryFormat;
  /** One of its executable bits is set. */
  readonly isExecutable: boolean;
}

/** A header that asks for more than this leads nowhere, in bytes and in reads behind the head. */
const longestRead = 65_536;
const mostReads = 8;

const anyExecutableBit = 0o111;

/**
 * Reads the header of a regular file, and no more of it. Neither follows a
 * symbolic link nor waits for a FIFO that took the place of a file meanwhile.
 *
 * @param head the buffer for the file's first bytes, {@link headLength} of them at least
 * @returns undefined where it is no regular file
 * @throws Error of the file system
 */
export async function readFormat(path: PathLike, head: Uint8Array): Promise<FileFormat | undefined> {
  const descriptor = await openFile(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const status = await statFile(descriptor);
    if (!status.isFile()) return undefined;
    const isExecutable = (status.mode & anyExecutableBit) !== 0;
    if (status.size === 0) return { format: { kind: 'other' }, isExecutable };
    return { format: await parse(descriptor, head), isExecutable };
  } finally {
    await closeFile(descriptor);
  }
}

async function parse(descriptor: number, head: Uint8Array): Promise<BinaryFormat> {
  const { bytesRead } = await readFile(descriptor, head, 0, headLength, 0);
  const known = head.subarray(0, bytesRead);
  const reader = readBinaryFormat();
  let step = reader.next();
  for (let reads = 0; step.done !== true;) {
    const { offset, length } = step.value;
    const end = offset + Math.min(length, longestRead);
    if (end <= known.length || known.length < headLength) {
      step = reader.next(known.subarray(offset, end));
    } else if (reads < mostReads) {
      reads += 1;
      const bytes = new Uint8Array(end - offset);
      const { bytesRead: more } = await readFile(descriptor, bytes, 0, bytes.length, offset);
      step = reader.next(bytes.subarray(0, more));
    } else {
      step = reader.next(new Uint8Array());
    }
  }
  return step.value;
}
