import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { applyEdits } from '../../server/src/fixes/applyEdits.ts';

test('edits give the text that an editor makes of them', () => {
  const file = '/default.nix';
  const text = 'one\ntwo\r\nthree\n';
  const edit = (line: number, start: number, end: number, newText: string) => ({
    file,
    range: { start: { line, character: start }, end: { line, character: end } },
    newText,
  });
  const cases = [
    [edit(2, 0, 5, '3'), edit(0, 0, 3, '1')],
    [edit(1, 1, 1, 'first'), edit(1, 1, 1, 'second'), edit(1, 1, 3, 'third')],
    [edit(0, 3, 3, '\n'), edit(0, 0, 3, ''), edit(3, 0, 0, 'end')],
    [],
  ];
  for (const edits of cases) {
    const expected = TextDocument.applyEdits(
      TextDocument.create('file:///default.nix', 'nix', 0, text),
      edits,
    );
    const [found = text] = applyEdits(edits, new Map([[file, text]])).values();
    assert.equal(found, expected);
  }
});
