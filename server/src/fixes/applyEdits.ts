import { groupBy } from '../model/groupBy.ts';
import { indexLines } from '../syntax/lines.ts';
import type { SourceEdit } from './fix.ts';

/**
 * Applies edits to the texts that they name, as editors do: what several insert
 * at one place stands there in their order.
 *
 * @returns the new texts of the changed files, by absolute path
 */
export function applyEdits(
  edits: readonly SourceEdit[],
  texts: ReadonlyMap<string, string>,
): Map<string, string> {
  const changed = new Map<string, string>();
  for (const [file, ofFile] of groupBy(edits, (edit) => edit.file)) {
    const text = texts.get(file);
    if (text !== undefined) changed.set(file, textWith(text, ofFile));
  }
  return changed;
}

function textWith(text: string, edits: readonly SourceEdit[]): string {
  const lines = indexLines(text);
  const inOrder = edits
    .map(({ range, newText }) => ({
      start: lines.offsetAt(range.start),
      end: lines.offsetAt(range.end),
      newText,
    }))
    .sort((one, other) => one.start - other.start || one.end - other.end);
  const pieces: string[] = [];
  let end = 0;
  for (const edit of inOrder) {
    pieces.push(text.slice(end, edit.start), edit.newText);
    end = edit.end;
  }
  pieces.push(text.slice(end));
  return pieces.join('');
}
