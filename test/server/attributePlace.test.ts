import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { splitAttributePath } from '../../server/src/model/attributePath.ts';
import { findAttribute } from '../../server/src/syntax/attributePlace.ts';
import { parseSourceFile, textOf } from '../../server/src/syntax/sourceFile.ts';
import { testParser } from '../support/parser.ts';

describe('where a file names an attribute', () => {
  const cases: [text: string, path: string, found: string | undefined][] = [
    ['{ a = 1; }', 'a', '{ «a» = 1; }'],
    ['{ a = 1; }', 'b', undefined],
    ['{ a.b = 1; }', 'a.b', '{ a.«b» = 1; }'],
    ['{ a.b = 1; a.c = 2; }', 'a.c', '{ a.b = 1; a.«c» = 2; }'],
    ['{ a = { b = 1; }; }', 'a.b', '{ a = { «b» = 1; }; }'],
    ['{ a.b.c = 1; }', 'a.b', '{ a.«b».c = 1; }'],
    ['{ build = f (system: { }); }', 'build.x86_64-linux', '{ «build» = f (system: { }); }'],
    [
      '{ p ? 1 }: let x = 2; in with x; rec { a = 1; }',
      'a',
      '{ p ? 1 }: let x = 2; in with x; rec { «a» = 1; }',
    ],
    [
      '{ outputs = { self }: { packages.s.x = 1; }; }',
      'outputs.packages.s.x',
      '{ outputs = { self }: { packages.s.«x» = 1; }; }',
    ],
    ['{ "a.b" = 1; }', '"a.b"', '{ «"a.b"» = 1; }'],
    ['f { }', 'a', undefined],
    [
      '{ outputs = { self }: let x = 1; in each (system: { packages.b = 1; packages.a = 2; }); }',
      'outputs.packages.x86_64-linux.a',
      '{ outputs = { self }: let x = 1; in each (system: { packages.b = 1; packages.«a» = 2; }); }',
    ],
    [
      '{ packages = each (system: { a = 1; }); }',
      'packages.x86_64-linux.a',
      '{ packages = each (system: { «a» = 1; }); }',
    ],
    [
      '{ packages.${system}.a = 1; packages.${system}.b = 1; }',
      'packages.x86_64-linux.b',
      '{ packages.${system}.a = 1; packages.${system}.«b» = 1; }',
    ],
    ['{ p = { a = 1; }; } // { p = { b = 1; }; }', 'p.a', '{ p = { «a» = 1; }; } // { p = { b = 1; }; }'],
    ['{ x ? 1 }: let y = x; in (mk.it { } y)', '', '{ x ? 1 }: let y = x; in («mk.it» { } y)'],
    ['let y = 1; in { type = y; }', '', 'let y = 1; in «{ type = y; }»'],
    ['{ a = ', 'a', undefined],
  ];
  for (const [text, path, found] of cases) {
    test(`${path} in ${text}`, async () => {
      const source = parseSourceFile('/x.nix', text, await testParser());
      const place = findAttribute(source, splitAttributePath(path));
      const marked =
        place && `${text.slice(0, place.start)}«${textOf(source, place)}»${text.slice(place.end)}`;
      assert.equal(marked, found);
    });
  }

  test('attribute paths are split as Nix splits them', () => {
    assert.deepEqual(splitAttributePath('a."b.c".d-1'), ['a', 'b.c', 'd-1']);
    assert.deepEqual(splitAttributePath('a."".b'), ['a', '', 'b']);
    assert.deepEqual(splitAttributePath('a\\.b.'), ['a\\', 'b']);
    assert.deepEqual(splitAttributePath(''), []);
  });
});
