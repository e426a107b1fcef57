import { diffArrays } from 'diff';

import { editBetween, type TextEdit } from './textMap.ts';

/** An edit with the text that it produced. */
export interface AppliedEdit {
  readonly edit: TextEdit;
  readonly after: string;
}

/** So many lines may be removed and added, in so many places: to look further takes the square of it. */
const mostLines = 100;
const mostEdits = 50;

/**
 * The edits, in order, that turn one text into another: one for each place at
 * which lines differ, so that what stands between two changes stays where it is.
 * Where there are too many changes it is one for all; none for the same text.
 */
export function editsBetween(before: string, after: string): AppliedEdit[] {
  const whole = editBetween(before, after);
  if (!whole) return [];
  const byLines = editsOfLines(before, after, whole);
  return byLines && byLines.length <= mostEdits ? appliedTo(before, byLines) : [{ edit: whole, after }];
}

/** Each refers to the text that those before it made; undefined where there are too many. */
function editsOfLines(
  before: string,
  after: string,
  { start, end, newText }: TextEdit,
): TextEdit[] | undefined {
  const first = start === 0 ? 0 : before.lastIndexOf('\n', start - 1) + 1;
  const lastBreak = before.indexOf('\n', end);
  const kept = lastBreak < 0 ? 0 : before.length - lastBreak - 1;
  const removed = linesOf(before.slice(first, before.length - kept));
  const added = linesOf(after.slice(first, after.length - kept));
  // There is no line between two changes.
  if (removed.length < 3 || added.length < 3) return [{ start, end, newText }];
  const parts = diffArrays(removed, added, { maxEditLength: mostLines });
  if (!parts) return undefined;
  const edits: TextEdit[] = [];
  let at = first;
  let [gone, come] = ['', ''];
  const endEdit = (): void => {
    const edit = editBetween(gone, come);
    if (edit) edits.push({ ...edit, start: edit.start + at, end: edit.end + at });
    at += come.length;
    [gone, come] = ['', ''];
  };
  for (const { value, removed: isGone, added: isCome } of parts) {
    const text = value.join('');
    if (isGone) gone += text;
    else if (isCome) come += text;
    else {
      endEdit();
      at += text.length;
    }
  }
  endEdit();
  return edits;
}

function appliedTo(before: string, edits: readonly TextEdit[]): AppliedEdit[] {
  let text = before;
  return edits.map((edit) => {
    text = text.slice(0, edit.start) + edit.newText + text.slice(edit.end);
    return { edit, after: text };
  });
}

/** With their ends. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}
