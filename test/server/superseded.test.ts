import assert from 'node:assert/strict';
import { test } from 'node:test';

import { NixFolder } from '../support/nixFolder.ts';
import { nixOf, until } from '../support/nixProcesses.ts';
import { Editor } from './support/editor.ts';
import { derivation } from './support/workspace.ts';

/** Computes for hours without a pause in which it would hear a signal. */
const never =
  '(count (map (n: count (builtins.genList (x: x + n) 10000)) (builtins.genList (x: x) 1000000)))';
const text = `
  let
    count = builtins.foldl' (a: b: a + b) 0;
    add = n: ${derivation('app', 'builtins.currentSystem', 'n = toString n;')};
  in add ${never}
`;

test('a run that a save supersedes is gone, with all its processes, and the newest state wins', async () => {
  using workspace = new NixFolder({ 'default.nix': text });
  const settings = { targets: [{ file: 'default.nix' }] };
  const mark = `NPL_TEST_MARK=${workspace.path}`;
  const env = { ...process.env, NPL_TEST_MARK: workspace.path };
  await using editor = await Editor.start({ root: workspace.path, settings, env });
  const file = workspace.file('default.nix');
  await editor.open(file);
  // The plain evaluation and the probed one, and nothing that ends by itself.
  let before: number[] = [];
  await editor.status(({ state }) => state === 'running');
  await editor.untilQuiet('The start', () => {
    before = nixOf(mark);
    return before.length >= 2;
  });
  await editor.replace(file, never, '1');
  const seen = editor.statuses.length;
  await editor.save(file);
  await until('the old run ends', () => !nixOf(mark).some((id) => before.includes(id)));
  assert.equal((await editor.evaluated(seen)).summary?.rootName, 'app');
});
