import assert from 'node:assert/strict';
import { test } from 'node:test';

import { namedPaths } from '../../server/src/permissions/namedPaths.ts';
import { findSyntaxProblems } from '../../server/src/snapshot/syntaxProblems.ts';
import { testParser } from '../support/parser.ts';

/** Such as would be too many arguments of one call. */
const many = 200_000;

test('the paths of an expression with a very long list are told', async () => {
  const expression = `[ ./first ${'1 '.repeat(many)}./last ]`;
  const { paths, unreadable } = namedPaths(
    {
      kind: 'expression',
      expression,
      directory: '/w',
      attribute: '',
      arguments: { arg: [], argstr: [], include: [], option: [] },
    },
    '/w',
    await testParser(),
  );
  assert.deepEqual(unreadable, []);
  assert.deepEqual(paths.toSorted(), ['/w', '/w/first', '/w/last']);
});

test('the place in a very long list that is no Nix is told', async () => {
  const parser = await testParser();
  const tree = parser.parse(`[ ${'1 '.repeat(many)} = ]`);
  try {
    assert.equal(findSyntaxProblems(tree.rootNode).length, 1);
  } finally {
    tree.delete();
  }
});
