import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as z from 'zod';

import { applyEdits } from '../../../server/src/fixes/applyEdits.ts';
import { ruleIds } from '../../../server/src/model/judgement.ts';
import { atOnce } from '../../../server/src/model/slices.ts';
import { editBetween, TextMap } from '../../../server/src/snapshot/textMap.ts';
import { buildAst } from '../../../server/src/syntax/buildAst.ts';
import { DocumentTree } from '../../../server/src/syntax/documentTree.ts';
import { indexLines } from '../../../server/src/syntax/lines.ts';
import {
  readSuppressions,
  suppressionText,
  type ReadSuppressions,
} from '../../../server/src/syntax/suppressionComments.ts';
import { testParser } from '../../support/parser.ts';
import { nixPieces, nixText } from '../support/nixText.ts';
import { subject } from '../support/subject.ts';
import { assertInside, changed, changeForm, changes, placeOf } from '../support/texts.ts';

const parser = await testParser();

/** After any edits, lines, tree and the places of what was kept are those of the text read afresh. */
export const documents = subject({
  name: 'documents',
  share: 60,
  cases: fc.record({
    text: nixText,
    changes: changes(nixPieces, 5),
    stretches: fc.array(fc.tuple(fc.nat(200), fc.nat(20)), { maxLength: 4 }),
  }),
  form: z.object({
    text: z.string(),
    changes: z.array(changeForm),
    stretches: z.array(z.tuple([z.number(), z.number()])),
  }),
  check({ text: first, changes: given, stretches }) {
    let now = { text: first, lines: indexLines(first) };
    using tree = new DocumentTree(parser, now);
    let map = TextMap.identity(first.length);
    for (const change of given) {
      const edit = { ...placeOf(change, now.text), newText: change.text };
      const text = now.text.slice(0, edit.start) + edit.newText + now.text.slice(edit.end);
      const smallest = editBetween(now.text, text);
      assert.equal(
        smallest
          ? now.text.slice(0, smallest.start) + smallest.newText + now.text.slice(smallest.end)
          : now.text,
        text,
      );
      const lines = now.lines.edited(edit, text);
      now = { text, lines };
      tree.update(now, edit);
      map = map.edited(edit, text);
      // Also what is read between two edits must not be of a former text.
      tree.around('/x.nix', edit.start);
    }
    const fresh = indexLines(now.text);
    for (let offset = 0; offset <= now.text.length; offset++) {
      const position = fresh.positionAt(offset);
      assert.deepEqual(now.lines.positionAt(offset), position);
      assert.equal(now.lines.offsetAt(position), fresh.offsetAt(position));
    }
    for (const [start, length] of stretches) {
      const from = start % (first.length + 1);
      const to = Math.min(first.length, from + length);
      const there = map.map(from, to);
      if (there) assert.equal(now.text.slice(there.start, there.end), first.slice(from, to));
    }
    const whole = parser.parse(now.text);
    try {
      const isSound = !whole.rootNode.hasError;
      assert.equal(!tree.root.hasError, isSound, `an error is seen once only in ${JSON.stringify(now.text)}`);
      if (isSound) assert.equal(tree.root.toString(), whole.rootNode.toString());
      atOnce(buildAst(whole, now.text));
    } finally {
      whole.delete();
    }
  },
});

const reason = fc.stringMatching(/^[a-z0-9:,.#'" -]{1,12}$/).filter((text) => text.trim() !== '');
const comment = fc.record({
  rules: fc.uniqueArray(fc.constantFrom(...ruleIds), { minLength: 1, maxLength: 3 }),
  why: reason,
  isBehind: fc.boolean(),
  isBlock: fc.boolean(),
});

/** Suppressions are read as they were written, each of its line; taken out, the others stay; damaged ones are told inside of the text. */
export const suppressions = subject({
  name: 'suppressions',
  share: 50,
  cases: fc.record({
    comments: fc.array(comment, { maxLength: 4 }),
    lineEnd: fc.constantFrom('\n', '\r\n'),
    changes: changes(['#', '/*', '*/', 'nix-platform-lens', ':', 'allow', ',', '\n', ...nixPieces]),
  }),
  form: z.object({
    comments: z.array(
      z.object({
        rules: z.array(z.enum(ruleIds)),
        why: z.string(),
        isBehind: z.boolean(),
        isBlock: z.boolean(),
      }),
    ),
    lineEnd: z.string(),
    changes: z.array(changeForm),
  }),
  check({ comments, lineEnd, changes: given }) {
    const lines = ['['];
    const expected: { rules: readonly string[]; reason: string; line: number }[] = [];
    for (const { rules, why, isBehind, isBlock } of comments) {
      const written = suppressionText(rules, why);
      const text = isBlock ? `/* ${written} */` : `# ${written}`;
      if (isBehind) lines.push(`  element ${text}`);
      else lines.push(`  ${text}`, '', '  element');
      expected.push({
        rules: ruleIds.filter((id) => rules.includes(id)),
        reason: why.replace(/\s+/g, ' ').trim(),
        line: lines.length - 1,
      });
    }
    lines.push(']', '');
    const text = lines.join(lineEnd);
    const { suppressions: found, problems } = readIn(text);
    assert.deepEqual(problems, []);
    assert.deepEqual(
      found.map(({ rules, reason: why, line }) => ({ rules, reason: why, line })),
      expected,
    );
    for (const [index, { removal }] of found.entries()) {
      const without =
        applyEdits([{ ...removal, newText: '' }], new Map([['/x.nix', text]])).get('/x.nix') ?? '';
      assert.deepEqual(
        readIn(without).suppressions.map(({ reason: why }) => why),
        expected.filter((_, other) => other !== index).map(({ reason: why }) => why),
      );
    }
    const damaged = changed(text, given);
    const read = readIn(damaged);
    for (const one of [
      ...read.suppressions.flatMap((suppression) => [
        suppression.source,
        suppression.named,
        suppression.removal,
      ]),
      ...read.problems.flatMap(({ source, edits }) => [source, ...edits]),
    ])
      assertInside(one.range, damaged);
  },
});

function readIn(text: string): ReadSuppressions {
  const tree = parser.parse(text);
  try {
    return readSuppressions({ file: '/x.nix', text, root: tree.rootNode, lines: indexLines(text) });
  } finally {
    tree.delete();
  }
}
