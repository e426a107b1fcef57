import { indexLines } from '../syntax/lines.ts';
import type { SourceEdit } from './fix.ts';

/**
 * Applies edits to the texts that they name.
 *
 * @returns the new texts of the changed files, by absolute path
 */
export function applyEdits(
  edits: readonly SourceEdit[],
  texts: ReadonlyMap<string, string>,
): Map<string, string> {
  const changed = new Map<string, string>();
  for (const file of new Set(edits.map((edit) => edit.file))) {
    const text = texts.get(file);
    if (text === undefined) continue;
    const lines = indexLines(text);
    const own = edits
      .filter((edit) => edit.file === file)
      .map((edit) => ({
        start: lines.offsetAt(edit.range.start),
        end: lines.offsetAt(edit.range.end),
        newText: edit.newText,
      }))
      .sort((a, b) => b.start - a.start);
    changed.set(
      file,
      own.reduce(
        (current, edit) => current.slice(0, edit.start) + edit.newText + current.slice(edit.end),
        text,
      ),
    );
  }
  return changed;
}
