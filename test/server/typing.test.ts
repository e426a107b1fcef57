import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';

import { Editor, textOf, uriOf } from './support/editor.ts';
import { leakyFile, makeWorkspace, type TestWorkspace } from './support/workspace.ts';

const settings = {
  targets: [{ file: 'default.nix', attribute: 'app' }],
  evaluateAs: 'x86_64-darwin',
};

describe('while somebody types', () => {
  let workspace: TestWorkspace;
  let editor: Editor;
  let file: string;

  before(async () => {
    workspace = await makeWorkspace({ 'default.nix': leakyFile });
    file = workspace.file('default.nix');
    editor = await Editor.start({ root: workspace.root, settings });
    await editor.open(file);
    await editor.evaluated();
  });
  after(async () => {
    await editor[Symbol.asyncDispose]();
    await workspace[Symbol.asyncDispose]();
  });

  const hints = async (): Promise<string[]> =>
    (await editor.inlayHints(file)).map(
      ({ position, label }) => `${position.line + 1} ${JSON.stringify(label)}`,
    );

  test('at first everything is as it was evaluated', async () => {
    assert.deepEqual(await hints(), [
      '2 "⚠ x86_64-darwin"',
      '3 "▸ x86_64-linux"',
      '6 "⚠ x86_64-darwin"',
      '6 "▸ x86_64-linux"',
      '6 "▸ x86_64-linux"',
    ]);
  });

  test('a line above moves everything, and shows that it is out of date', async () => {
    const seen = editor.statuses.length;
    await editor.replace(file, 'let\n', '# new\nlet\n');
    const status = await editor.status(({ stale }) => stale, seen);
    assert.equal(status.state, 'done');
    assert.deepEqual(await hints(), [
      '3 "~⚠ x86_64-darwin"',
      '4 "~ x86_64-linux"',
      '7 "~⚠ x86_64-darwin"',
      '7 "~ x86_64-linux"',
      '7 "~ x86_64-linux"',
    ]);
    const [diagnostic] = await editor.until('The moved diagnostic', () => {
      const found = editor.diagnostics(file);
      return found[0]?.range.start.line === 2 ? found : undefined;
    });
    assert.match(textOf(diagnostic ?? assert.fail()), /^`derivation \{ name = "tool"/);
  });

  test('what was typed over loses its hint, and only that', async () => {
    await editor.type(file, '[ tool', 's');
    assert.deepEqual(await hints(), ['3 "~⚠ x86_64-darwin"', '4 "~ x86_64-linux"', '7 "~ x86_64-linux"']);
  });

  test('when the text is as it was evaluated, it is not out of date any more', async () => {
    const seen = editor.statuses.length;
    await editor.replace(file, 'tools other', 'tool other');
    await editor.replace(file, '# new\n', '');
    await editor.status(({ stale }) => !stale, seen);
    assert.equal((await hints()).length, 5);
  });

  test('an editor that sends whole texts moves what stands between two changes', async () => {
    const seen = editor.statuses.length;
    await editor.rewrite(file, `# new\n${leakyFile}# end\n`);
    await editor.status(({ stale }) => stale, seen);
    assert.deepEqual(await hints(), [
      '3 "~⚠ x86_64-darwin"',
      '4 "~ x86_64-linux"',
      '7 "~⚠ x86_64-darwin"',
      '7 "~ x86_64-linux"',
      '7 "~ x86_64-linux"',
    ]);
    await editor.until('The moved diagnostic', () =>
      editor.diagnostics(file)[0]?.range.start.line === 2 ? true : undefined,
    );
    const moved = editor.statuses.length;
    await editor.rewrite(file, leakyFile);
    await editor.status(({ stale }) => !stale, moved);
  });

  test('unsaved text is not evaluated; saved text is', async () => {
    await editor.replace(file, 'builtins.currentSystem', '"x86_64-linux"');
    const seen = editor.statuses.length;
    await editor.save(file);
    const status = await editor.evaluated(seen);
    assert.equal(status.summary?.leaks, 0);
    await editor.until('No diagnostic', () => (editor.diagnostics(file).length === 0 ? true : undefined));
  });

  test('the editor’s own save, told by its file watcher too, is evaluated once', async () => {
    const id = editor.statuses.at(-1)?.reportId ?? 0;
    await editor.replace(file, '"x86_64-linux"', 'builtins.currentSystem');
    const seen = editor.statuses.length;
    await editor.save(file);
    await editor.connection.sendNotification('workspace/didChangeWatchedFiles', {
      changes: [{ uri: uriOf(file), type: 2 }],
    });
    assert.equal((await editor.evaluated(seen)).reportId, id + 1);
    // A request is answered after all that came before it; a second run would have begun by then.
    await editor.settled();
    assert.equal(editor.statuses.at(-1)?.reportId, id + 1);
    assert.equal(editor.statuses.at(-1)?.state, 'done');
  });

  test('of two saves in a row the newest wins, and one report comes', async () => {
    const id = editor.statuses.at(-1)?.reportId ?? 0;
    const seen = editor.statuses.length;
    await editor.replace(file, 'builtins.currentSystem', '"aarch64-darwin"');
    await editor.save(file);
    await editor.status(({ state }) => state === 'running', seen);
    await editor.replace(file, '"aarch64-darwin"', '"i686-linux"');
    await editor.save(file);
    const status = await editor.evaluated(seen);
    assert.equal(status.reportId, id + 1);
    assert.deepEqual(status.summary?.bySystem, { 'x86_64-linux': 2, 'i686-linux': 1 });
    assert.equal(status.summary.leaks, 0);
  });

  test('a change by another program is evaluated', async () => {
    const other = workspace.file('other.nix');
    await writeFile(other, '1\n');
    const seen = editor.statuses.length;
    await editor.connection.sendNotification('workspace/didChangeWatchedFiles', {
      changes: [{ uri: uriOf(other), type: 1 }],
    });
    assert.equal((await editor.evaluated(seen)).state, 'done');
  });

  test('nothing went wrong inside', () => assert.deepEqual(editor.log, []));
});

test('several files that are opened at once are evaluated once', async () => {
  await using workspace = await makeWorkspace({
    'default.nix': leakyFile,
    'a.nix': '{ }: 1',
    'b.nix': '{ }: 2',
  });
  await using editor = await Editor.start({ root: workspace.root, settings });
  for (const name of ['a.nix', 'default.nix', 'b.nix']) await editor.open(workspace.file(name));
  assert.equal((await editor.evaluated()).reportId, 1);
  await editor.settled();
  assert.equal(editor.statuses.filter(({ message }) => message === 'Starting …').length, 1);
});

test('evaluation on open and on save can be switched off', async () => {
  await using workspace = await makeWorkspace({ 'default.nix': leakyFile });
  const quiet = { ...settings, evaluation: { onOpen: false, onSave: false } };
  await using editor = await Editor.start({ root: workspace.root, settings: quiet });
  const file = workspace.file('default.nix');
  await editor.open(file);
  await editor.replace(file, 'let\n', 'let \n');
  await editor.save(file);
  await editor.settled();
  assert.ok(editor.statuses.every(({ state }) => state === 'idle'));
  await editor.execute('nixPlatformLens.server.evaluate');
  assert.equal((await editor.evaluated()).summary?.leaks, 1);
});
