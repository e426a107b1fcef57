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
  const byFile = new Map<string, SourceEdit[]>();
  for (const edit of edits) {
    const others = byFile.get(edit.file);
    if (others) others.push(edit);
    else byFile.set(edit.file, [edit]);
  }
  const changed = new Map<string, string>();
  for (const [file, own] of byFile) {
    const text = texts.get(file);
    if (text !== undefined) changed.set(file, edited(text, own));
  }
  return changed;
}

function edited(text: string, edits: readonly SourceEdit[]): string {
  const lines = indexLines(text);
  const fromBehind = edits
    .map(({ range, newText }) => ({
      start: lines.offsetAt(range.start),
      end: lines.offsetAt(range.end),
      newText,
    }))
    .sort((a, b) => b.start - a.start);
  // From the end to the start, so that a text of thousands of edits is put together once.
  const parts: string[] = [];
  let at = text.length;
  for (const { start, end, newText } of fromBehind) {
    parts.push(text.slice(end, at), newText);
    at = start;
  }
  return [...parts, text.slice(0, at)].reverse().join('');
}
