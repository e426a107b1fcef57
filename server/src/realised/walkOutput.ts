import { readdir, realpath } from 'node:fs/promises';
import type { Dirent } from 'node:fs';
import { isProgramFolder } from '../binary/fileDuty.ts';

/** A regular file below a store path, or a program there that is a link to one. */
export interface WalkedFile {
  readonly storePath: string;
  /** Relative to the store path; empty where that is a file itself. */
  readonly file: string;
  /** What to open; bytes, since a file's name may be no UTF-8. */
  readonly path: Buffer;
}

/** Something could not be looked into. */
export type OnUnreadable = (path: string, error: unknown) => void;

/**
 * The regular files of one store path. Symbolic links are not followed, so
 * that loops do no harm; FIFOs, sockets and devices are passed over. A link
 * from a folder of programs to another file of the same store path stands for
 * that program.
 */
export async function* walkOutput(
  storePath: string,
  onUnreadable: OnUnreadable,
): AsyncGenerator<WalkedFile, void, undefined> {
  // Latin-1 keeps every byte of a name apart.
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const prefix = folder === '' ? '' : `${folder}/`;
    const entries = await list(pathIn(storePath, folder), folder === '', onUnreadable);
    if (entries === 'file') {
      yield { storePath, file: '', path: pathIn(storePath, '') };
      continue;
    }
    for (const entry of entries) {
      const name = `${prefix}${entry.name}`;
      const path = pathIn(storePath, name);
      if (entry.isDirectory()) folders.push(name);
      else if (entry.isFile()) yield { storePath, file: textOf(name), path };
      else if (entry.isSymbolicLink() && isProgramFolder(folder)) {
        const target = await targetWithin(storePath, path);
        if (target !== undefined)
          yield { storePath, file: textOf(name), path: Buffer.from(target, 'latin1') };
      }
    }
  }
}

/** @returns `file` where the store path itself is one */
async function list(
  path: Buffer,
  isTop: boolean,
  onUnreadable: OnUnreadable,
): Promise<readonly Dirent[] | 'file'> {
  try {
    return await readdir(path, { withFileTypes: true, encoding: 'latin1' });
  } catch (error) {
    if (isTop && isErrorOf(error, 'ENOTDIR')) return 'file';
    onUnreadable(path.toString('utf8'), error);
    return [];
  }
}

/** Where a link ends, if that is a file of the same store path; one that dangles or turns in a circle ends nowhere. */
async function targetWithin(storePath: string, link: Buffer): Promise<string | undefined> {
  try {
    const target = await realpath(link, 'latin1');
    const within = await realpath(storePath, 'latin1');
    return target.startsWith(`${within}/`) ? target : undefined;
  } catch (error) {
    if (isErrorOf(error, 'ENOENT', 'ELOOP', 'ENOTDIR', 'EACCES')) return undefined;
    throw error;
  }
}

function pathIn(storePath: string, name: string): Buffer {
  const root = Buffer.from(storePath);
  return name === '' ? root : Buffer.concat([root, Buffer.from(`/${name}`, 'latin1')]);
}

function textOf(name: string): string {
  return Buffer.from(name, 'latin1').toString('utf8');
}

/** Is this an error of the file system with one of these codes? */
export function isErrorOf(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
