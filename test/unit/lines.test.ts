import assert from 'node:assert/strict';
import { test } from 'node:test';

import { indexLines } from '../../server/src/syntax/lines.ts';

test('positions know all three ends of a line', () => {
  const text = 'a\nbc\r\nd\re';
  const lines = indexLines(text);
  assert.deepEqual(
    Array.from({ length: text.length }, (_, offset) => lines.positionAt(offset).line),
    [0, 0, 1, 1, 1, 1, 2, 2, 3],
  );
  assert.equal(lines.offsetAt({ line: 1, character: 99 }), 4, 'before the CR');
  assert.equal(lines.offsetAt({ line: 3, character: 99 }), text.length);
  assert.equal(lines.offsetAt({ line: 9, character: 0 }), text.length);
});

test('after any edit the index is that of the new text', () => {
  const pieces = ['', '\n', '\r', '\r\n', 'x', 'x\r\ny', '\n\r'];
  const text = 'ab\r\nc\n\r\rd\n';
  for (let start = 0; start <= text.length; start++) {
    for (let end = start; end <= text.length; end++) {
      for (const piece of pieces) {
        const after = text.slice(0, start) + piece + text.slice(end);
        const edited = indexLines(text).edited({ start, end }, after);
        const fresh = indexLines(after);
        for (let offset = 0; offset <= after.length; offset++)
          assert.deepEqual(
            edited.positionAt(offset),
            fresh.positionAt(offset),
            JSON.stringify({ start, end, piece, offset }),
          );
      }
    }
  }
});
