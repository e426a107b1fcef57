import { uncommittedFiles, type Uncommitted } from '../nix/uncommitted.ts';
import { replaceText, requireText, requireWritable } from '../files/replaceText.ts';
import { listOf } from '../output/sentences.ts';
import { displayPath } from '../output/toJson.ts';
import { CommandFailure } from './commandEnvironment.ts';

const reasons: Readonly<Record<Uncommitted, string>> = {
  changed: 'it has changes that are not committed',
  hidden: 'git was told not to look at its changes (git ls-files -v)',
  untracked: 'git does not know it',
  'no-repository': 'it is in no git repository',
  'no-git': 'there is no git on the PATH to ask',
};

/**
 * Makes sure that git could give back each of some files as it is.
 *
 * @throws CommandFailure which names the files
 */
export async function requireCommitted(
  files: readonly string[],
  directory: string,
  signal: AbortSignal,
): Promise<void> {
  const found = await uncommittedFiles(files, signal);
  if (found.size === 0) return;
  const lines = [...found].map(([file, reason]) => `${displayPath(file, directory)}: ${reasons[reason]}`);
  throw new CommandFailure(
    [
      ...lines,
      'Nothing was written, since git could not bring back what was there. Commit first, or add --allow-dirty; --dry-run prints a patch.',
    ].join('\n'),
  );
}

/**
 * Writes the new texts of files, after it has looked whether all still hold the old ones and may be written.
 *
 * @throws CommandFailure
 */
export async function writeTexts(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
  directory: string,
): Promise<void> {
  const written: string[] = [];
  const shown = (file: string): string => displayPath(file, directory);
  const each = async (work: (file: string, old: string, text: string) => Promise<void>): Promise<void> => {
    for (const [file, text] of after) {
      try {
        await work(file, before.get(file) ?? '', text);
      } catch (error) {
        if (!(error instanceof Error && 'code' in error)) throw error;
        throw new CommandFailure(
          [
            `${shown(file)}: it was not written: ${error.message}`,
            ...(written.length > 0 ? [`These were written before: ${listOf(written.map(shown), 20)}`] : []),
          ].join('\n'),
        );
      }
    }
  };
  await each(async (file, old) => {
    await requireWritable(file);
    await requireText(file, old);
  });
  await each(async (file, old, text) => {
    await replaceText(file, old, text);
    written.push(file);
  });
}
