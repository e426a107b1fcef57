import { access, constants, realpath, stat } from 'node:fs/promises';

import { readRegularFile } from './regularFile.ts';
import { writeWhole } from './writeWhole.ts';

/** A file holds another text than was expected. It looks like an error of the file system. */
class ChangedTextError extends Error {
  override readonly name = 'ChangedTextError';
  readonly code = 'ESTALE';

  constructor() {
    super('it was changed meanwhile, or is not UTF-8');
  }
}

/** Somebody took the right to write a file from everybody. It looks like an error of the file system. */
class ReadOnlyError extends Error {
  override readonly name = 'ReadOnlyError';
  readonly code = 'EACCES';

  constructor() {
    super('it is read-only');
  }
}

/**
 * Makes sure that a file may be written: in its folder, another one could take
 * its place without asking.
 *
 * @throws ReadOnlyError, or the file system's own error
 */
export async function requireWritable(file: string): Promise<void> {
  const { mode } = await stat(file);
  // The administrator may write everything.
  if ((mode & 0o222) === 0) throw new ReadOnlyError();
  await access(file, constants.W_OK);
}

/**
 * Makes sure that a file holds a text, to the byte.
 *
 * @throws ChangedTextError, or as `readRegularFile`
 */
export async function requireText(file: string, text: string): Promise<void> {
  if (!(await readRegularFile(file)).equals(Buffer.from(text))) throw new ChangedTextError();
}

/**
 * Puts another text in the place of the one that a file holds, as a whole. Its
 * rights stay, and so does a link that leads to it.
 *
 * @throws ChangedTextError, or the file system's own error
 */
export async function replaceText(file: string, before: string, after: string): Promise<void> {
  const real = await realpath(file);
  await requireText(real, before);
  await writeWhole(real, after, await stat(real));
}
