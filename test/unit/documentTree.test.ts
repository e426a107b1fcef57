import assert from 'node:assert/strict';
import { test } from 'node:test';

import { pointedAt, type PointedAt } from '../../server/src/features/namesAt.ts';
import { editBetween } from '../../server/src/session/textMap.ts';
import { DocumentTree } from '../../server/src/syntax/documentTree.ts';
import { indexLines } from '../../server/src/syntax/lines.ts';
import { parseSourceFile } from '../../server/src/syntax/sourceFile.ts';
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
