import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { chooseTogether } from '../../server/src/fixes/applying/chooseTogether.ts';
import type { Fix } from '../../server/src/fixes/fix.ts';
import { atOnce } from '../../server/src/model/slices.ts';

interface Given {
  readonly cause?: string;
  readonly trial?: string;
  readonly part?: true;
  /** The column of what it replaces, which has one character. */
  readonly at?: number;
}

function fix(title: string, { cause = title, trial = 't', part, at = title.charCodeAt(0) }: Given = {}): Fix {
  const range = { start: { line: 0, character: at * 3 }, end: { line: 0, character: at * 3 + 1 } };
  return {
    title,
    edits: [{ file: '/a.nix', range, newText: '' }],
    repairs: [],
    proof: { kind: 'proven', statement: '' },
    proven: { cause, trial, isPartial: part === true },
  };
}

const titlesOf = (fixes: readonly Fix[]): string[] => atOnce(chooseTogether(fixes)).map(({ title }) => title);

describe('what may be applied at once', () => {
  test('is one repair of each cause, the first', () => {
    assert.deepEqual(titlesOf([fix('a'), fix('b'), fix('c', { cause: 'a' })]), ['a', 'b']);
  });

  test('is a whole repair rather than a partial one that comes before', () => {
    assert.deepEqual(titlesOf([fix('a', { part: true }), fix('b', { cause: 'a' })]), ['b']);
    assert.deepEqual(titlesOf([fix('a', { part: true })]), ['a']);
  });

  test('was proven by one evaluation, the one of most causes', () => {
    const fixes = [fix('a'), fix('b', { trial: 'u' }), fix('c', { trial: 'u' })];
    assert.deepEqual(titlesOf(fixes), ['b', 'c']);
    // The first of its cause was proven elsewhere: another one does not take its place.
    assert.deepEqual(titlesOf([...fixes, fix('d', { cause: 'a', trial: 'u' })]), ['b', 'c']);
  });

  test('edits no place twice', () => {
    assert.deepEqual(titlesOf([fix('a', { at: 1 }), fix('b', { at: 1 }), fix('c', { at: 2 })]), ['a', 'c']);
  });

  test('is found without looking at each repair once for each other one', () => {
    const count = 5_000;
    let looked = 0;
    const fixes = Array.from({ length: count }, (_, at): Fix => {
      const one = fix(`repair ${at}`, { at });
      const edits = one.edits.map(({ range, ...rest }) => ({
        ...rest,
        get range() {
          looked += 1;
          return range;
        },
      }));
      return { ...one, edits };
    });
    assert.equal(titlesOf(fixes).length, count);
    assert.ok(looked <= 10 * count, `${looked} looks`);
  });

  test('is sure to be meant', () => {
    assert.deepEqual(titlesOf([{ ...fix('a'), isDoubtful: true }, fix('b', { cause: 'a' })]), ['b']);
  });

  test('is proven for all targets', () => {
    const { proven, ...unknown } = fix('a');
    assert.ok(proven);
    assert.deepEqual(titlesOf([unknown, fix('b')]), ['b']);
  });
});
