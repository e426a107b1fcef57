import { dirname, resolve } from 'node:path';

import type { SourceRange } from '../model/location.ts';
import { targetKey } from '../session/targetCatalogue.ts';
import type { Evaluation, Snapshot } from '../snapshot/snapshot.ts';
import { targetOfSetting } from '../targets/targetSetting.ts';

/**
 * Where a target file names a path, in the entry of an evaluation's target:
 * the text that names it, else the whole entry; undefined where no target file
 * has the target.
 *
 * @param path absolute; undefined: none in particular
 */
export function targetFilePlace(
  { entry }: Pick<Evaluation, 'entry'>,
  path: string | undefined,
  { targetFiles }: Pick<Snapshot, 'targetFiles'>,
): SourceRange | undefined {
  for (const { file, targets } of targetFiles) {
    const directory = dirname(file);
    const shared = targets.find(
      ({ setting }) => targetKey(targetOfSetting(setting, directory)) === entry.key,
    );
    if (!shared) continue;
    const named = shared.texts.find(({ text }) =>
      wordsOf(text).some((word) => resolve(directory, word) === path),
    );
    return (named ?? shared).source;
  }
  return undefined;
}

/** What may be a path: all of a text, or a part of an expression, a search path entry or a flake reference. */
function wordsOf(text: string): string[] {
  const parts = text.split(/[\s()[\]{};"=]+/);
  return [text, ...parts, ...parts.map((part) => part.replace(/^(?:[a-z+]+:)+/, ''))];
}
