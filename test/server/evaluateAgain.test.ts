import assert from 'node:assert/strict';
import { test } from 'node:test';

import { serverCommands } from '../../server/src/protocol.ts';
import { Editor } from './support/editor.ts';
import { derivation, leakyFile, makeWorkspace } from './support/workspace.ts';

test('the lens of a file that is evaluated for itself evaluates again, and leaves the choice alone', async () => {
  await using workspace = await makeWorkspace({
    'default.nix': leakyFile,
    'release.nix': `{\n  alone = ${derivation('alone', '"x86_64-linux"')};\n}\n`,
  });
  await using editor = await Editor.start({ root: workspace.root, settings: {} });
  await editor.open(workspace.file('default.nix'));
  await editor.evaluated();
  const { targets } = await editor.targets();
  const app = targets.find(({ label }) => label.endsWith(' app'));
  assert.ok(app);
  await editor.select({ keys: [app.key] });
  const file = workspace.file('release.nix');
  await editor.open(file);
  const before = await editor.status(
    ({ evaluations }) => evaluations.length === 2 && evaluations.every(({ state }) => state === 'done'),
  );
  await editor.settled();
  await editor.replace(file, '{\n', '{\n\n');
  const lens = await editor.soon('The lens', async () =>
    (await editor.codeLenses(file)).find(({ command }) => command?.title.includes('evaluate again')),
  );
  assert.equal(lens.command?.command, serverCommands.evaluateAt);
  const id = before.reportId ?? 0;
  const place: unknown = lens.command.arguments?.[0];
  await editor.execute(lens.command.command, place);
  const after = await editor.status(({ state, reportId = 0 }) => state === 'done' && reportId >= id + 2);
  assert.deepEqual(
    after.evaluations.map(({ target, companion }) => [target, companion]),
    [
      ['default.nix · app', false],
      ['release.nix · alone', true],
    ],
  );
});
