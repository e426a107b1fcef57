import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { TextMap, editBetween, type TextEdit } from '../../server/src/snapshot/textMap.ts';

/** Edits a text one step after the other and finds `needle`'s old place in the outcome. */
function follow(
  text: string,
  needle: string,
  edits: readonly [old: string, text: string][],
): string | undefined {
  const start = text.indexOf(needle);
  assert.notEqual(start, -1);
  let map = TextMap.identity(text.length);
  let now = text;
  for (const [old, newText] of edits) {
    const at = now.indexOf(old);
    assert.notEqual(at, -1, `${JSON.stringify(old)} is not in ${JSON.stringify(now)}`);
    const edit: TextEdit = { start: at, end: at + old.length, newText };
    now = now.slice(0, at) + newText + now.slice(at + old.length);
    map = map.edited(edit, now);
  }
  const found = map.map(start, start + needle.length);
  return found && `${now.slice(0, found.start)}«${now.slice(found.start, found.end)}»${now.slice(found.end)}`;
}

describe('where a stretch of a text stands after edits', () => {
  const cases: [
    name: string,
    text: string,
    needle: string,
    edits: [string, string][],
    found: string | undefined,
  ][] = [
    ['no edit', '[ hello jq ]', 'hello', [], '[ «hello» jq ]'],
    ['an edit behind it', '[ hello jq ]', 'hello', [['jq', 'vim git']], '[ «hello» vim git ]'],
    ['an edit before it', '[ hello jq ]', 'jq', [['hello', 'a']], '[ a «jq» ]'],
    ['a line before it', 'x\n[ jq ]', 'jq', [['x\n', 'x\n# new\n']], 'x\n# new\n[ «jq» ]'],
    ['an edit inside it', '[ hello ]', 'hello', [['ell', 'ipp']], undefined],
    ['an edit that overlaps its start', '[ hello ]', 'hello', [['[ h', 'H']], undefined],
    ['an edit that overlaps its end', '[ hello ]', 'hello', [['o ]', ']']], undefined],
    ['a longer name', '[ hello ]', 'hello', [['hello', 'hello-wayland']], undefined],
    ['letters typed behind it', '[ hello ]', 'hello', [['o ', 'os ']], undefined],
    ['a selection typed behind it', '[ hello ]', 'hello', [[' ]', '.dev ]']], undefined],
    ['a set typed before it', '[ hello ]', 'hello', [['[ ', '[ pkgs.']], undefined],
    ['a semicolon typed behind it', 'a = hello\n', 'hello', [['\n', ';\n']], 'a = «hello»;\n'],
    ['a blank typed behind it', '[ hello]', 'hello', [[']', ' ]']], '[ «hello» ]'],
    ['two names that grow together', '[ a b ]', 'a', [['a b', 'ab']], undefined],
    [
      'edits on both sides',
      '[ a b c ]',
      'b',
      [
        ['a', 'aa'],
        ['c', 'cc'],
      ],
      '[ aa «b» cc ]',
    ],
    ['everything replaced', '[ a ]', 'a', [['[ a ]', '[ a ]']], undefined],
  ];
  for (const [name, text, needle, edits, found] of cases) {
    test(name, () => assert.equal(follow(text, needle, edits), found));
  }

  test('an insertion that is deleted again leaves no trace', () => {
    const text = '[ hello jq ]';
    const typed = '[ hello x jq ]';
    const map = TextMap.identity(text.length)
      .edited({ start: 8, end: 8, newText: 'x ' }, typed)
      .edited({ start: 8, end: 10, newText: '' }, text);
    assert.deepEqual(map.map(2, 10), { start: 2, end: 10 });
  });

  test('the place of an insertion moves along', () => {
    const map = TextMap.identity(4).edited({ start: 0, end: 0, newText: '# a\n' }, '# a\n{ }\n');
    assert.deepEqual(map.map(2, 2), { start: 6, end: 6 });
  });
});

describe('the edit between two texts', () => {
  const cases: [before: string, after: string, edit: TextEdit | undefined][] = [
    ['a', 'a', undefined],
    ['', 'a', { start: 0, end: 0, newText: 'a' }],
    ['[ a b ]', '[ a c b ]', { start: 4, end: 4, newText: 'c ' }],
    ['aaa', 'aa', { start: 2, end: 3, newText: '' }],
    ['one', 'two', { start: 0, end: 3, newText: 'two' }],
  ];
  for (const [before, after, edit] of cases) {
    test(`${JSON.stringify(before)} → ${JSON.stringify(after)}`, () => {
      assert.deepEqual(editBetween(before, after), edit);
    });
  }
});

test('what now stands within a stretch stood within the stretch around it', () => {
  const text = 'a b c d e f';
  const after = 'a b XX d YYY f';
  const map = TextMap.identity(text.length)
    .edited({ start: 4, end: 5, newText: 'XX' }, 'a b XX d e f')
    .edited({ start: 9, end: 10, newText: 'YYY' }, after);
  for (let start = 0; start <= after.length; start++) {
    for (let end = start; end <= after.length; end++) {
      const outside = map.around(start, end);
      for (let at = 0; at < text.length; at++) {
        const now = map.map(at, at + 1);
        if (now && start <= now.start && now.end <= end)
          assert.ok(outside.start <= at && at + 1 <= outside.end, JSON.stringify({ start, end, at }));
      }
    }
  }
  assert.deepEqual(map.around(0, 3), { start: 0, end: 3 }, 'and no more than that');
});
