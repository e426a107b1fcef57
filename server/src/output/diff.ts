import { applyEdits } from '../fixes/applyEdits.ts';
import type { SourceEdit } from '../fixes/fix.ts';
import { groupBy } from '../model/groupBy.ts';

/**
 * Edits as a unified diff without context, a part for each run of lines that
 * they change.
 *
 * @param texts of the files before the edits, by absolute path; of others nothing is said
 * @param nameOf the name under which a file is shown
 */
export function diffOf(
  edits: readonly SourceEdit[],
  texts: ReadonlyMap<string, string>,
  nameOf: (file: string) => string,
): string[] {
  return [...groupBy(edits, ({ file }) => file)].flatMap(([file, ofFile]) => {
    const text = texts.get(file);
    if (text === undefined) return [];
    const lines = text.split('\n');
    let added = 0;
    const hunks = byLines(ofFile).flatMap(({ first, last, edits: together }) => {
      const before = lines.slice(first, last + 1);
      const shifted = together.map((edit) => shift(edit, first));
      const after = (applyEdits(shifted, new Map([[file, before.join('\n')]])).get(file) ?? '').split('\n');
      const from = `-${first + 1},${before.length}`;
      const to = `+${first + 1 + added},${after.length}`;
      added += after.length - before.length;
      return [`@@ ${from} ${to} @@`, ...before.map((line) => `-${line}`), ...after.map((line) => `+${line}`)];
    });
    return [`--- ${nameOf(file)}`, `+++ ${nameOf(file)}`, ...hunks];
  });
}

interface Hunk {
  /** Lines from zero, both included. */
  readonly first: number;
  readonly last: number;
  readonly edits: readonly SourceEdit[];
}

/** In the order of the file, those that share a line together. */
function byLines(edits: readonly SourceEdit[]): Hunk[] {
  const sorted = [...edits].sort((one, other) => one.range.start.line - other.range.start.line);
  const hunks: Hunk[] = [];
  for (const edit of sorted) {
    const { start, end } = edit.range;
    const previous = hunks.at(-1);
    if (previous && start.line <= previous.last)
      hunks.splice(-1, 1, {
        first: previous.first,
        last: Math.max(previous.last, end.line),
        edits: [...previous.edits, edit],
      });
    else hunks.push({ first: start.line, last: end.line, edits: [edit] });
  }
  return hunks;
}

function shift(edit: SourceEdit, lines: number): SourceEdit {
  const { start, end } = edit.range;
  return {
    ...edit,
    range: { start: { ...start, line: start.line - lines }, end: { ...end, line: end.line - lines } },
  };
}
