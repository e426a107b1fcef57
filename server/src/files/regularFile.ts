import type { Stats } from 'node:fs';
import { open } from 'node:fs/promises';

import { FileTooLargeError, NoRegularFileError, refuseNoRegularFile } from './fileErrors.ts';
import { largestText, readOnly } from './limits.ts';

/**
 * Reads a whole regular file; a symbolic link to one counts as one.
 *
 * @param limit in bytes; a larger file is not read
 * @throws NoRegularFileError, FileTooLargeError, or the file system's own error
 */
export async function readRegularFile(path: string, limit = largestText): Promise<Buffer> {
  await using file = await open(path, readOnly).catch((error: unknown) => refuseNoRegularFile(error, path));
  const status = await file.stat();
  if (!status.isFile()) throw new NoRegularFileError(path, status);
  if (status.size > limit) throw new FileTooLargeError(path, limit);
  // It may grow while it is read, and files of /proc have no size: never more than the limit is held.
  const chunks: Buffer[] = [];
  let length = 0;
  for (;;) {
    const chunk = Buffer.allocUnsafe(chunkLength(status, length));
    const { bytesRead } = await file.read(chunk, 0, chunk.length, null);
    if (bytesRead === 0) break;
    length += bytesRead;
    if (length > limit) throw new FileTooLargeError(path, limit);
    chunks.push(chunk.subarray(0, bytesRead));
  }
  const [only] = chunks;
  return only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks, length);
}

function chunkLength({ size }: Stats, length: number): number {
  return Math.max(size + 1 - length, 64 * 1024);
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

/** The same; undefined where there is nothing that can be read so: whoever needs the file tells why. */
export async function readTextIfPossible(path: string, limit = largestText): Promise<string | undefined> {
  try {
    return await readTextFile(path, limit);
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}
