import assert from 'node:assert/strict';
import { test } from 'node:test';

import { openDocument } from '../../server/src/snapshot/documents.ts';
import { DocumentTrees } from '../../server/src/session/documentTrees.ts';
import type { NixParser } from '../../server/src/syntax/parser.ts';
import { testParser } from '../support/parser.ts';

const file = '/w/large.nix';
const text = `[ ${'{ a = 1; } '.repeat(70_000)}]`;

test('a file of 800 kB that is closed while its edited tree is looked through breaks nothing', async () => {
  const real = await testParser();
  let parsed = (): void => undefined;
  const parser: NixParser = {
    ...real,
    // What is queued here has its turn after the first slice in which the new tree is looked through.
    *parseInSteps(...given) {
      const tree = yield* real.parseInSteps(...given);
      parsed();
      return tree;
    },
  };
  using trees = new DocumentTrees(() => Promise.resolve(parser));
  const before = openDocument('file:///w/large.nix', file, 1, text);
  assert.deepEqual(await trees.problems(file, () => before), []);
  // Around the whole list, so that it is no edit between two bindings.
  const after = openDocument('file:///w/large.nix', file, 2, `x: ${text}`);
  const closed = new Promise<void>((resolve) => {
    parsed = () =>
      void setImmediate(() => {
        trees.close(file);
        resolve();
      });
  });
  const problems = trees.problems(file, () => after);
  await closed;
  assert.equal(await problems, undefined);
  using others = new DocumentTrees(() => Promise.resolve(real));
  assert.deepEqual(await others.problems(file, () => after), []);
});
