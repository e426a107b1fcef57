import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { writeCopies } from '../../server/src/probing/copies.ts';
import { parseSourceFile, type SourceFile } from '../../server/src/syntax/sourceFile.ts';
import { testParser } from '../support/parser.ts';

setFlagsFromString('--expose-gc');

function heapInUse(): number {
  runInNewContext('gc()');
  return process.memoryUsage().heapUsed;
}

test('a copy that is kept for the next run does not hold the names of all other files', async () => {
  const parser = await testParser();
  const files = new Map<string, SourceFile>();
  const folder = `/w/${'long/'.repeat(30)}`;
  for (let n = 0; n < 400; n++) {
    const file = `${folder}part-${n}.nix`;
    files.set(file, parseSourceFile(file, '{ x }: x', parser));
  }
  const namesOfAll = [...files.keys()].join('\n').length;
  const layout = { root: '/w', evaluatedRoot: '/w', overlays: new Map<string, string>() };
  const before = heapInUse();
  await using copies = await writeCopies(files, layout, 'full', true);
  // Twice: what is kept is compared then.
  await using again = await writeCopies(files, layout, 'full', true);
  assert.equal(copies.readers.size, again.readers.size);
  const grown = heapInUse() - before;
  assert.ok(grown < (files.size * namesOfAll) / 4, `${Math.round(grown / 1024)} KiB`);
});
