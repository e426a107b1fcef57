import assert from 'node:assert/strict';
import { test } from 'node:test';

import { pointedAt, type PointedAt } from '../../server/src/features/pointedAt.ts';
import { editBetween } from '../../server/src/snapshot/textMap.ts';
import { DocumentTree } from '../../server/src/syntax/documentTree.ts';
import { indexLines } from '../../server/src/syntax/lines.ts';
import { parseSourceFile } from '../../server/src/syntax/sourceFile.ts';
import { largeFile } from '../support/largeFile.ts';
import { testParser } from '../support/parser.ts';

/** One state of a document after the other, as somebody types; not all of them are well-formed. */
const texts = [
  '{ pkgs, lib ? pkgs.lib, ... }@args: with pkgs; rec { a = hello; "b" = [ a.dev(jq)(hello.override { x = 1; }) ]; }',
  '{ pkgs, lib ? pkgs.lib, ... }@args: with pkgs; rec { a = hello-wayland; "b" = [ a.dev(jq)(hello.override { x = 1; }) ]; }',
  '{ pkgs, ... }@args: with pkgs; rec { a = hello; # and\n inherit (lib) id; inherit jq;\n "b" = [ a.dev jq ]; }',
  '{ pkgs, ... }@args: with pkgs; rec { a = ; inherit (lib) id; inherit jq;\n s = "${jq}/bin ${x.y or z}"; c.${d} = [ ',
  "let a = pkgs: pkgs.b; in\r\nif a ? b then assert c; ''\n  ${a b.c d}\n'' + ./x/${e} else -f",
  '',
  '[ a ]',
];

test('what is pointed at in an edited tree is what a fresh parse says', async () => {
  const parser = await testParser();
  const [first = ''] = texts;
  using tree = new DocumentTree(parser, { text: first, lines: indexLines(first) });
  for (const text of texts) {
    const document = { text, lines: indexLines(text) };
    const edit = editBetween(tree.text, text);
    if (edit) tree.update(document, edit);
    const whole = parseSourceFile('/x.nix', text, parser);
    for (let offset = 0; offset <= text.length; offset++) {
      const position = document.lines.positionAt(offset);
      const at = document.lines.offsetAt(position);
      assert.deepEqual(
        spansOf(pointedAt(tree.around('/x.nix', at), position)),
        spansOf(pointedAt(whole, position)),
        `${text.slice(0, offset)}¦${text.slice(offset)}`,
      );
    }
  }
});

function spansOf({ candidates, expectsDerivation }: PointedAt) {
  return { expectsDerivation, spans: candidates.map(({ start, end }) => [start, end]) };
}

test('in a long set, each state of a binding that is typed is read as a fresh parse reads it', async () => {
  const parser = await testParser();
  const { text, middle } = largeFile(400);
  const start = text.split('\n').slice(0, middle).join('\n').length + 1;
  let document = { text, lines: indexLines(text) };
  using tree = new DocumentTree(parser, document);
  const wellFormed: string[] = [];
  const typed =
    '    a.b = { inherit jq; c = [ pkgs.he "${jq}" ]; } // rec { x = y; }; /* # */ inherit (q) r; # s = t;';
  for (let length = 1; length <= typed.length; length++) {
    const after = text.slice(0, start) + typed.slice(0, length) + text.slice(start);
    const at = start + length - 1;
    const edit = { start: at, end: at, newText: typed.charAt(length - 1) };
    document = { text: after, lines: document.lines.edited(edit, after) };
    tree.update(document, edit);
    const whole = parseSourceFile('/x.nix', after, parser);
    if (!whole.wellFormed) continue;
    wellFormed.push(typed.slice(0, length));
    for (let offset = start - 60; offset <= at + 60; offset++) {
      const position = document.lines.positionAt(offset);
      assert.deepEqual(
        spansOf(pointedAt(tree.around('/x.nix', offset), position)),
        spansOf(pointedAt(whole, position)),
        `${after.slice(start - 60, offset)}¦${after.slice(offset, at + 60)}`,
      );
    }
  }
  assert.ok(wellFormed.length > 15, wellFormed.join('\n'));
});

test('what is half typed is found, and what is around it stays what it was', async () => {
  const parser = await testParser();
  const { text, middle } = largeFile(400);
  const start = text.split('\n').slice(0, middle).join('\n').length + 1;
  const document = { text, lines: indexLines(text) };
  for (const half of [
    'hello = [ pkgs.he',
    "hello = ''a ${pkgs.he}''",
    'x = "${pkgs.he}"',
    'x = { y = pkgs.he }',
    'x = pkgs.he',
  ]) {
    using tree = new DocumentTree(parser, document);
    const after = text.slice(0, start) + half + text.slice(start);
    const edit = { start, end: start, newText: half };
    const lines = document.lines.edited(edit, after);
    tree.update({ text: after, lines }, edit);
    const at = after.indexOf('.he', start) + 3;
    const here = pointedAt(tree.around('/x.nix', at), lines.positionAt(at));
    const [found] = here.candidates;
    assert.equal(found && after.slice(found.start, found.end), 'pkgs.he', half);
    const later = after.lastIndexOf('packages.p');
    const there = pointedAt(tree.around('/x.nix', later), lines.positionAt(later));
    assert.equal(there.candidates[0]?.start, later);
  }
});
