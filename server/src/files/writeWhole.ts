import { randomUUID } from 'node:crypto';
import { chmod, chown, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Whose a file is, and who may do what with it, as the file system tells it. */
export interface FileRights {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Writes a file as a whole: whoever reads sees the former text or this one.
 * Folders that are missing are made.
 *
 * By hand, because `write-file-atomic` calls `write` once and does not look at
 * how much was written: on a full disk, the start of a text would take the
 * place of a whole one. That package also follows a link, and opens a draft whose name
 * others can foresee.
 *
 * @param rights left out: it is a file of our own, for the user alone
 * @throws Error of the file system
 */
export async function writeWhole(
  file: string,
  content: string | Uint8Array,
  rights?: FileRights,
): Promise<void> {
  const draft = `${file}.${randomUUID()}`;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  try {
    await writeFile(draft, content, { mode: 0o600, flag: 'wx' });
    if (rights) await give(draft, rights);
    await rename(draft, file);
  } finally {
    await rm(draft, { force: true });
  }
}

/** Only the administrator may give a file to somebody else; whoever else writes it, owns it then. */
async function give(file: string, { mode, uid, gid }: FileRights): Promise<void> {
  if (process.getuid?.() === 0) await chown(file, uid, gid);
  await chmod(file, mode & 0o7777);
}
