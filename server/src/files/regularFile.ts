import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/**
 * Opens without waiting: to open a FIFO would wait for somebody who writes to
 * it, and nothing could end that wait, not even the end of this process.
 */
export const readOnly = constants.O_RDONLY | constants.O_NONBLOCK;

/** The path is a FIFO, a folder or a device. It looks like an error of the file system. */
export class NoRegularFileError extends Error {
  override readonly name = 'NoRegularFileError';
  readonly code = 'EINVAL';

  constructor(path: string) {
    super(`EINVAL: no regular file, open '${path}'`);
  }
}

/** The file is larger than its reader allows. It looks like an error of the file system. */
export class FileTooLargeError extends Error {
  override readonly name = 'FileTooLargeError';
  readonly code = 'EFBIG';
  readonly limit: number;

  constructor(path: string, limit: number) {
    super(`EFBIG: larger than ${limit / mebibyte} MiB, open '${path}'`);
    this.limit = limit;
  }
}

const mebibyte = 1024 * 1024;

/** Where a reader names no limit of its own: no text that a person writes is larger. */
export const largestText = 64 * mebibyte;

/**
 * Reads a whole regular file; a symbolic link to one counts as one.
 *
 * @param limit in bytes; a larger file is not read
 * @throws NoRegularFileError, FileTooLargeError, or the file system's own error
 */
export async function readRegularFile(path: string, limit = largestText): Promise<Buffer> {
  await using file = await open(path, readOnly);
  const status = await file.stat();
  if (!status.isFile()) throw new NoRegularFileError(path);
  if (status.size > limit) throw new FileTooLargeError(path, limit);
  // It may grow while it is read, and files of /proc have no size: never more than the limit is held.
  const chunks: Buffer[] = [];
  let length = 0;
  for (;;) {
    const chunk = Buffer.allocUnsafe(Math.max(status.size + 1 - length, 64 * 1024));
    const { bytesRead } = await file.read(chunk, 0, chunk.length, null);
    if (bytesRead === 0) break;
    length += bytesRead;
    if (length > limit) throw new FileTooLargeError(path, limit);
    chunks.push(chunk.subarray(0, bytesRead));
  }
  const [only] = chunks;
  return only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks, length);
}

/**
 * Reads a whole text file as UTF-8.
 *
 * @param limit in bytes; a larger file is not read
 * @throws as {@link readRegularFile}
 */
export async function readTextFile(path: string, limit = largestText): Promise<string> {
  return (await readRegularFile(path, limit)).toString('utf8');
}
