import { FILE_HEADERS_ONLY, formatPatch, structuredPatch } from 'diff';

import { applyEdits } from '../fixes/applyEdits.ts';
import type { SourceEdit } from '../fixes/fix.ts';

/**
 * Returns the lines of a patch that `git apply` takes, with three lines of
 * context.
 *
 * @param texts of the files before the edits, by absolute path; of others nothing is said
 * @param nameOf the name under which a file is shown
 */
export function diffOf(
  edits: readonly SourceEdit[],
  texts: ReadonlyMap<string, string>,
  nameOf: (file: string) => string,
): string[] {
  return [...applyEdits(edits, texts)].flatMap(([file, after]) =>
    diffOfTexts(nameOf(file), texts.get(file) ?? '', after),
  );
}

/** The same of one file that is known under a name. */
export function diffOfTexts(name: string, before: string, after: string): string[] {
  const [old, changed] = [gitName('a', name), gitName('b', name)];
  const patch = structuredPatch(old, changed, before, after, undefined, undefined, { context: 3 });
  const lines = formatPatch(patch, FILE_HEADERS_ONLY).split('\n');
  // The text ends with a line break.
  return lines.slice(0, -1);
}

/**
 * Where a name has a space, a tab says where it ends, as in git's own patches;
 * and as there, one with a line break or the like is quoted, so that it cannot
 * be read as another line of the patch.
 */
function gitName(side: 'a' | 'b', name: string): string {
  const path = `${side}${name.startsWith('/') ? '' : '/'}${name}`;
  const quoted = path.replace(quotedByGit, (character) =>
    character === '"' || character === '\\' ? `\\${character}` : octal(character),
  );
  return `${quoted === path ? path : `"${quoted}"`}${name.includes(' ') ? '\t' : ''}`;
}

/** What stands in a name that git quotes even where `core.quotePath` is off, and other control characters. */
const quotedByGit = /["\\\p{Cc}]/gu;

function octal(character: string): string {
  return [...Buffer.from(character)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}
