import assert from 'node:assert/strict';
import { test } from 'node:test';
import { weightOf, wordsOf } from '../../server/src/syntax/linePattern.ts';
import { parseSourceFile } from '../../server/src/syntax/sourceFile.ts';
import { linesOfString } from '../../server/src/syntax/stringLines.ts';
import { testParser } from '../support/parser.ts';

/** The lines of a string that is a whole file, each as `place: pieces`. */
async function linesIn(text: string): Promise<string[]> {
  const { root } = parseSourceFile('/x.nix', text, await testParser());
  assert.ok(root.kind === 'string');
  return linesOfString(root, text).map(
    ({ start, end, pieces }) => `${text.slice(start, end)} | ${pieces.join('<>')}`,
  );
}

test('the lines of an indented string, without their white space and the empty ones', async () => {
  assert.deepEqual(await linesIn("''\n  make ${x} all \n\n  ${y}/bin/z ''${HOME} $$ '''\n''"), [
    'make ${x} all | make <> all',
    "${y}/bin/z ''${HOME} $$ ''' | <>/bin/z ${HOME} $$ ''",
  ]);
});

test('the lines of a string, which may stand on one line of the text', async () => {
  assert.deepEqual(await linesIn('"a\\"b \\${c}\\n\\td${e}"'), ['a\\"b \\${c} | a"b ${c}', 'd${e} | d<>']);
  assert.deepEqual(await linesIn('""'), []);
  assert.deepEqual(await linesIn("''a''\\nb''"), ['a | a', 'b | b']);
});

test('an interpolation may stand for any text, and what is written down counts', () => {
  const pieces = ['exec ', '/bin/', ' ', ''];
  assert.equal(weightOf(pieces, 'exec /nix/x/bin/y z'), 11);
  assert.equal(weightOf(pieces, 'exec /nix/x/sbin/y'), undefined);
  assert.equal(weightOf(pieces, 'run /nix/x/bin/y z'), undefined);
  assert.equal(weightOf(['a', 'a'], 'a'), undefined, 'no character counts twice');
  assert.equal(weightOf(['', ''], 'anything'), 0);
  assert.equal(weightOf(['as it is'], 'as it is'), 8);
  assert.equal(weightOf(['as it is'], 'as it is not'), undefined);
});

test('of a text that was cut only the beginning is known', () => {
  assert.equal(weightOf(['exec ', '/bin/x --long'], 'exec /nix/st', true), 5);
  assert.equal(weightOf(['exec it all'], 'exec it', true), 7);
  assert.equal(weightOf(['exec it all'], 'exec at', true), undefined);
  assert.equal(weightOf(['exec'], 'exec it', true), 4);
});

test('words of a line may hold interpolations', () => {
  assert.deepEqual(wordsOf(['CC=', '/bin/cc  HOSTCC=gcc ', '']), [
    ['CC=', '/bin/cc'],
    ['HOSTCC=gcc'],
    ['', ''],
  ]);
  assert.deepEqual(wordsOf(['']), []);
});
