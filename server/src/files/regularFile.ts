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
  // One byte more tells its end. Hundreds of thousands of files are read so, and what is allocated for each is collected.
  let bytes = Buffer.allocUnsafe(status.size > 0 ? status.size + 1 : 64 * 1024);
  for (let length = 0; ;) {
    const { bytesRead } = await file.read(bytes, length, bytes.length - length, null);
    if (bytesRead === 0) return bytes.subarray(0, length);
    length += bytesRead;
    if (length > limit) throw new FileTooLargeError(path, limit);
    // It may grow while it is read, and files of /proc have no size: never much more than the limit is held.
    if (length === bytes.length) bytes = Buffer.concat([bytes], Math.min(2 * length, limit + 1));
  }
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
