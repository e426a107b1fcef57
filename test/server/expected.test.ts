import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { methods, type TargetFileResult } from '../../server/src/protocol.ts';
import { Editor, textOf } from './support/editor.ts';
import { derivation, makeWorkspace } from './support/workspace.ts';

const text = `let
  app = ${derivation('app', 'builtins.currentSystem')};
in {
  server = app;
}
`;

const settings = (expect?: string) => ({
  targets: [{ file: 'default.nix', attribute: 'server', ...(expect !== undefined && { expect }) }],
  evaluateAs: 'x86_64-darwin',
});

describe('where a target is meant to run', () => {
  test('a setting that says so is judged, and changed, judged anew', async () => {
    await using workspace = await makeWorkspace({ 'default.nix': text });
    const file = workspace.file('default.nix');
    await using editor = await Editor.start({ root: workspace.root, settings: settings() });
    await editor.open(file);
    assert.equal((await editor.evaluated()).summary?.leaks, 0);
    await editor.changeSettings(settings('x86_64-linux'));
    await editor.status(({ summary, state }) => state === 'done' && summary?.leaks === 1);
    const [diagnostic] = await editor.someDiagnostics(file);
    assert.ok(diagnostic);
    assert.equal(diagnostic.code, 'expected-platform');
    assert.match(textOf(diagnostic), /is built for x86_64-darwin, but x86_64-linux was asked for/);
    assert.match(textOf(diagnostic), /The system is `builtins\.currentSystem`/);
    await editor.changeSettings(settings());
    await editor.status(({ summary, state }) => state === 'done' && summary?.leaks === 0);
  });

  test('a report that was kept is one of the same expectation', async () => {
    await using workspace = await makeWorkspace({ 'default.nix': text });
    const file = workspace.file('default.nix');
    const start = (given: object) =>
      Editor.start({
        root: workspace.root,
        settings: given,
        initializationOptions: { trusted: true, storage: workspace.file('.kept') },
      });
    {
      await using editor = await start(settings('x86_64-linux'));
      await editor.open(file);
      assert.equal((await editor.evaluated()).summary?.leaks, 1);
      await editor.settled();
    }
    {
      await using editor = await start({ ...settings('x86_64-linux'), 'evaluation.onOpen': false });
      await editor.open(file);
      const { summary } = await editor.status(({ reportId }) => reportId !== undefined);
      assert.equal(summary?.leaks, 1, 'it is shown again');
    }
    await using editor = await start({ ...settings('x86_64-darwin'), 'evaluation.onOpen': false });
    await editor.open(file);
    await editor.settled();
    assert.ok(
      editor.statuses.every(({ summary }) => summary === undefined),
      'and not where something else is expected',
    );
  });

  test('the target file that is offered says so, too', async () => {
    await using workspace = await makeWorkspace({ 'default.nix': text });
    await using editor = await Editor.start({ root: workspace.root, settings: settings('x86_64-linux') });
    await editor.open(workspace.file('default.nix'));
    await editor.evaluated();
    const written: TargetFileResult = await editor.connection.sendRequest(methods.targetFile);
    assert.deepEqual(JSON.parse(written.text), {
      targets: [{ file: 'default.nix', attribute: 'server', expect: 'x86_64-linux' }],
      evaluateAs: ['x86_64-darwin'],
    });
  });
});
