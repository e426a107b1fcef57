import { realpath, stat } from 'node:fs/promises';

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
