import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import type { Node } from 'web-tree-sitter';

import type { NixParser } from '../../server/src/syntax/parser.ts';
import { testParser } from '../support/parser.ts';

let parser: NixParser;

before(async () => {
  parser = await testParser();
});

/** Writes every operator and application of an expression with its parentheses. */
function grouped(text: string): string {
  const show = (node: Node): string => {
    const child = (field: string) => {
      const found = node.childForFieldName(field);
      assert.ok(found, `${node.type} has no ${field}`);
      return show(found);
    };
    switch (node.type) {
      case 'binary_expression':
        return `(${child('left')} ${node.childForFieldName('operator')?.text ?? '?'} ${child('right')})`;
      case 'apply_expression':
        return `(${child('function')} ${child('argument')})`;
      case 'function_expression':
        return `(${child('universal')}: ${child('body')})`;
      case 'parenthesized_expression':
        return child('expression');
      default:
        return node.text;
    }
  };
  const { rootNode } = parser.parse(text);
  assert.equal(rootNode.hasError, false, `${text} is legal`);
  const expression = rootNode.childForFieldName('expression');
  assert.ok(expression);
  return show(expression);
}

// Precedences of src/libexpr/parser.y; the manual's chapter "Operators" lists them too.
const groupings: [text: string, expected: string][] = [
  ['a |> b |> c', '((a |> b) |> c)'],
  ['a <| b <| c', '(a <| (b <| c))'],
  ['a -> b |> c', '((a -> b) |> c)'],
  ['a |> b -> c', '(a |> (b -> c))'],
  ['a -> b <| c || d', '((a -> b) <| (c || d))'],
  ['x // y |> f z', '((x // y) |> (f z))'],
  ['a: a |> f', '(a: (a |> f))'],
  ['a |> (x: x |> g) |> f', '((a |> (x: (x |> g))) |> f)'],
  ['a -> b -> c', '(a -> (b -> c))'],
  ['a // b // c', '(a // (b // c))'],
  ['a - b - c', '((a - b) - c)'],
  ['a//b', '(a // b)'],
  ['a ++ b == c && d', '(((a ++ b) == c) && d)'],
];

for (const [text, expected] of groupings) {
  test(`${text} groups as ${expected}`, () => {
    assert.equal(grouped(text), expected);
  });
}

const legal = [
  '{ lib, stdenv, }: lib',
  '{ lib ? a |> b, }@args: lib',
  'args@{ lib, }: lib',
  '{ lib, ... }: lib',
  '{ }: 1',
  '{ inherit; inherit (a); inherit b; inherit (c) "d"; }',
  'let inherit (a); in 1',
  '~/${name}/x',
  '~/x${name}',
  './${a}/b${c}',
  'x.or',
  '/* a /* b */ 1',
  './a /* b */ 1',
  '"/* x"',
  'if a then b |> c else d <| e',
  'with a; b |> c',
  "''\n  ''${a} ''\\n ''' ${b}''",
];

for (const text of legal) {
  test(`${JSON.stringify(text)} is legal`, () => {
    assert.equal(parser.parse(text).rootNode.hasError, false);
  });
}

// Nix refuses these too.
const illegal = [
  '{ , }: 1',
  '{ lib, ..., }: lib',
  '{ lib,, }: lib',
  'a |> b <| c',
  'a |> x: x',
  '[ a |> b ]',
  '|> a',
  '1 /* 2',
  '/* 1',
  '/*/ 1',
];

for (const text of illegal) {
  test(`${JSON.stringify(text)} is not`, () => {
    assert.equal(parser.parse(text).rootNode.hasError, true);
  });
}

test('the formals of a list with a trailing comma are all there, and no more', () => {
  const names = parser
    .parse('{ lib, stdenv ? null, }: lib')
    .rootNode.descendantsOfType('formal')
    .map((formal) => formal.childForFieldName('name')?.text);
  assert.deepEqual(names, ['lib', 'stdenv']);
});
