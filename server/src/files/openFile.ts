import * as fs from 'node:fs';
import { constants, type PathLike, type Stats } from 'node:fs';
import { promisify } from 'node:util';

import { readOnly } from './limits.ts';

const open = promisify(fs.open);
const stat = promisify(fs.fstat);
const close = promisify(fs.close);

/** A regular file that is open for reading; whoever has it closes the descriptor. */
export interface OpenFile {
  readonly descriptor: number;
  readonly status: Stats;
}

/** Follows no symbolic link either. */
const flags = readOnly | constants.O_NOFOLLOW;

/**
 * Opens a file of which only parts are wanted.
 *
 * @returns undefined where it is no regular file
 * @throws Error of the file system; a symbolic link is one, and so is a socket
 */
export async function openFile(path: PathLike): Promise<OpenFile | undefined> {
  const descriptor = await open(path, flags);
  let status: Stats | undefined;
  try {
    status = await stat(descriptor);
  } finally {
    if (!status?.isFile()) await close(descriptor);
  }
  return status.isFile() ? { descriptor, status } : undefined;
}

/** The same at once, which stops everything else meanwhile. */
export function openFileNow(path: PathLike): OpenFile | undefined {
  const descriptor = fs.openSync(path, flags);
  let status: Stats | undefined;
  try {
    status = fs.fstatSync(descriptor);
  } finally {
    if (!status?.isFile()) fs.closeSync(descriptor);
  }
  return status.isFile() ? { descriptor, status } : undefined;
}
