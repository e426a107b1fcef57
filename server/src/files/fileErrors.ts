import type { Stats } from 'node:fs';

import { mebibyte } from './limits.ts';

/** The path is a FIFO, a folder, a socket or a device. It looks like an error of the file system. */
export class NoRegularFileError extends Error {
  override readonly name = 'NoRegularFileError';
  readonly code = 'EINVAL';

  /** @param status what is there; undefined for a socket, which cannot even be opened */
  constructor(path: string, status: Stats | undefined) {
    super(
      `EINVAL: no regular file, open '${path}': it is ${kindOf(status)}. Put a regular file in its place, or name another one.`,
    );
  }
}

function kindOf(status: Stats | undefined): string {
  if (status?.isFIFO()) return 'a FIFO (a named pipe)';
  if (status?.isDirectory()) return 'a folder';
  return status?.isCharacterDevice() || status?.isBlockDevice() ? 'a device' : 'a socket';
}

/** The file is larger than its reader allows. It looks like an error of the file system. */
export class FileTooLargeError extends Error {
  override readonly name = 'FileTooLargeError';
  readonly code = 'EFBIG';
  readonly limit: number;

  constructor(path: string, limit: number) {
    super(
      `EFBIG: larger than ${limit / mebibyte} MiB, open '${path}'. No more is read of such a file: make it smaller, or name another one.`,
    );
    this.limit = limit;
  }
}

/** Throws what came of opening a path, in our words where it is a socket. */
export function refuseNoRegularFile(error: unknown, path: string): never {
  if (error instanceof Error && 'code' in error && error.code === 'ENXIO')
    throw new NoRegularFileError(path, undefined);
  throw error;
}
