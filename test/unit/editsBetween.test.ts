import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { editsBetween } from '../../server/src/snapshot/editsBetween.ts';
import type { TextEdit } from '../../server/src/snapshot/textMap.ts';

/** The edits, after a check that they lead from one text to the other. */
function edits(before: string, after: string): TextEdit[] {
  let text = before;
  const found = editsBetween(before, after);
  for (const { edit, after: now } of found) {
    text = text.slice(0, edit.start) + edit.newText + text.slice(edit.end);
    assert.equal(text, now);
  }
  assert.equal(text, after);
  return found.map(({ edit }) => edit);
}

describe('the edits between two texts', () => {
  const cases: [what: string, before: string, after: string, edits: TextEdit[]][] = [
    ['the same text', 'a\nb\n', 'a\nb\n', []],
    ['one change in a line', 'a\nbcd\ne\n', 'a\nbxd\ne\n', [{ start: 3, end: 4, newText: 'x' }]],
    [
      'two changes with a line between them',
      'a\nb\nc\n',
      'x\nb\ny\n',
      [
        { start: 0, end: 1, newText: 'x' },
        { start: 4, end: 5, newText: 'y' },
      ],
    ],
    [
      'lines that come in and go away',
      'a\nb\nc\nd\n',
      '1\n2\na\nb\nc\n',
      [
        { start: 0, end: 0, newText: '1\n2\n' },
        { start: 10, end: 12, newText: '' },
      ],
    ],
    [
      'no line break at the end, and one at the start',
      '\na\nb\nc',
      'x\na\nb\nd',
      [
        { start: 0, end: 0, newText: 'x' },
        { start: 6, end: 7, newText: 'd' },
      ],
    ],
    ['all of a text', 'a\nb\nc', '', [{ start: 0, end: 5, newText: '' }]],
  ];
  for (const [what, before, after, expected] of cases)
    test(what, () => assert.deepEqual(edits(before, after), expected));

  test('are one where there are very many', () => {
    const lines = Array.from({ length: 2000 }, (_, n) => `line ${n}\n`);
    const text = (every: number): string =>
      lines.map((line, n) => (n % every === 0 ? ` ${line}` : line)).join('');
    assert.equal(edits(lines.join(''), text(200)).length, 10);
    assert.equal(edits(lines.join(''), text(2)).length, 1);
  });
});
