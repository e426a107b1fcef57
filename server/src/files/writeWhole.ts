import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Writes a file of our own as a whole, for the user alone: whoever reads sees
 * the former text or this one. Folders that are missing are made.
 *
 * By hand, because `write-file-atomic` calls `write` once and does not look at
 * how much was written: on a full disk, the start of a text would take the
 * place of a whole one. That package also follows a link, and opens a draft whose name
 * others can foresee.
 *
 * @throws Error of the file system
 */
export async function writeWhole(file: string, content: string | Uint8Array): Promise<void> {
  const draft = `${file}.${randomUUID()}`;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  try {
    await writeFile(draft, content, { mode: 0o600, flag: 'wx' });
    await rename(draft, file);
  } finally {
    await rm(draft, { force: true });
  }
}
