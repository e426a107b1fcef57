import assert from 'node:assert/strict';
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { IPCMessageReader, IPCMessageWriter, createProtocolConnection } from 'vscode-languageserver/node';

import { Editor, server, textOf, uriOf } from './support/editor.ts';
import { derivation, leakyFile, makeWorkspace } from './support/workspace.ts';

const settings = { targets: [{ file: 'default.nix', attribute: 'app' }], evaluateAs: 'x86_64-darwin' };

describe('editors of all kinds', () => {
  test('one that can nothing but the least gets everything that it can take', async () => {
    await using workspace = await makeWorkspace({ 'default.nix': leakyFile });
    await using editor = await Editor.start({
      root: workspace.root,
      capable: false,
      initializationOptions: { settings },
    });
    const file = workspace.file('default.nix');
    await editor.open(file);
    assert.equal((await editor.evaluated()).summary?.leaks, 1);
    const [diagnostic] = await editor.someDiagnostics(file);
    assert.ok(diagnostic);
    const fix = await editor.soon('A fix', async () =>
      (await editor.codeActions(file, diagnostic)).find(({ edit }) => edit?.changes !== undefined),
    );
    assert.equal(fix.edit?.documentChanges, undefined);
    assert.deepEqual(editor.progress, []);
    assert.deepEqual(editor.registrations, []);
    assert.equal(editor.refreshes, 0);
    await editor.targets();
    const lenses = await editor.codeLenses(file);
    assert.deepEqual(
      lenses.map(({ command }) => [command?.title, command?.command]),
      [['3 derivations · 1 darwin-built through 1 input', 'nixPlatformLens.server.evaluateAt']],
    );
    assert.deepEqual(editor.log, []);
  });

  test('settings that are pushed are taken, with or without their section around them', async () => {
    await using workspace = await makeWorkspace({ 'default.nix': leakyFile });
    await using editor = await Editor.start({ root: workspace.root, capable: false });
    await editor.push({ nixPlatformLens: settings });
    await editor.open(workspace.file('default.nix'));
    assert.equal((await editor.evaluated()).summary?.leaks, 1);
    const seen = editor.statuses.length;
    await editor.push({ ...settings, evaluateAs: 'x86_64-linux' });
    assert.equal((await editor.evaluated(seen)).summary?.leaks, 0);
  });

  test('settings that are not valid are told, and their defaults are used', async () => {
    await using workspace = await makeWorkspace({ 'default.nix': leakyFile });
    const wrong = { ...settings, inlayHints: { enabled: 'sometimes' } };
    await using editor = await Editor.start({ root: workspace.root, settings: wrong });
    await editor.until('The message', () => (editor.shown.length > 0 ? true : undefined));
    assert.match(editor.shown[0] ?? '', /nixPlatformLens\.inlayHints\.enabled is not valid/);
    await editor.open(workspace.file('default.nix'));
    await editor.evaluated();
    assert.equal((await editor.inlayHints(workspace.file('default.nix'))).length, 5);
    await editor.changeSettings({ ...settings, inlayHints: { enabled: 'foreign' } });
    await editor.soon('Fewer hints', async () =>
      (await editor.inlayHints(workspace.file('default.nix'))).length === 2 ? true : undefined,
    );
    assert.equal(editor.shown.length, 1);
    assert.equal(editor.statuses.at(-1)?.reportId, 1, 'what is only shown otherwise is not evaluated again');
  });

  test('capable ones are asked to watch files and settings, and told to ask again', async () => {
    await using workspace = await makeWorkspace({ 'default.nix': leakyFile });
    await using editor = await Editor.start({ root: workspace.root, settings });
    await editor.open(workspace.file('default.nix'));
    await editor.evaluated();
    await editor.until('The refreshes', () => (editor.refreshes >= 2 ? true : undefined));
    assert.deepEqual(editor.registrations.sort(), [
      'workspace/didChangeConfiguration',
      'workspace/didChangeWatchedFiles',
    ]);
    assert.deepEqual(editor.initialized?.capabilities.executeCommandProvider?.commands, [
      'nixPlatformLens.server.evaluate',
      'nixPlatformLens.server.evaluateAt',
      'nixPlatformLens.server.cancel',
      'nixPlatformLens.server.fetchInputs',
      'nixPlatformLens.server.allowPath',
      'nixPlatformLens.server.repairAll',
    ]);
  });

  test('one that speaks IPC is answered', async () => {
    const child = fork(server, ['--node-ipc'], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const connection = createProtocolConnection(new IPCMessageReader(child), new IPCMessageWriter(child));
    connection.listen();
    const answer = await connection.sendRequest('initialize', {
      processId: null,
      rootUri: null,
      capabilities: {},
    });
    assert.ok(typeof answer === 'object' && answer !== null && 'capabilities' in answer);
    await connection.sendRequest('shutdown');
    const ended = once(child, 'exit');
    await connection.sendNotification('exit');
    assert.deepEqual(await ended, [0, null]);
    connection.dispose();
  });

  test('a person who starts it by hand is told what it is', () => {
    const { status, stderr, stdout } = spawnSync(process.execPath, [server], { encoding: 'utf8' });
    assert.equal(status, 2);
    assert.equal(stdout, '');
    assert.match(stderr, /language server.*--stdio/);
  });
});

describe('targets', () => {
  const two = `{
  first = ${derivation('first', 'builtins.currentSystem')};
  second = {
    inner = ${derivation('second', '"x86_64-linux"')};
  };
}
`;

  test('are found by looking, evaluated where the cursor is, and kept', async () => {
    await using workspace = await makeWorkspace({ 'default.nix': two });
    await using editor = await Editor.start({ root: workspace.root, settings: {} });
    const file = workspace.file('default.nix');
    await editor.open(file);
    assert.equal((await editor.evaluated()).target, 'default.nix · first');

    const seen = editor.statuses.length;
    const position = editor.positionOf(file, 'inner =', 2);
    await editor.execute('nixPlatformLens.server.evaluateAt', { uri: uriOf(file), position });
    assert.equal((await editor.evaluated(seen)).target, 'default.nix · second.inner');
    const { targets } = await editor.targets();
    assert.deepEqual(
      targets.map(({ label, active }) => [label, active]),
      [
        ['default.nix · first', false],
        ['default.nix · second.inner', true],
      ],
    );

    const saved = editor.statuses.length;
    await editor.type(file, '{\n', '  # new\n');
    await editor.save(file);
    assert.equal((await editor.evaluated(saved)).target, 'default.nix · second.inner');
    const lenses = await editor.soon('The lenses', async () => {
      const found = await editor.codeLenses(file);
      return found[0]?.range.start.line === 2 ? found : undefined;
    });
    assert.deepEqual(
      lenses.map(({ range, command }) => [range.start.line, command?.title]),
      [
        [2, 'evaluate first'],
        [4, '1 derivation · no leaks'],
      ],
    );
  });

  test('are evaluated as the system that is chosen', async () => {
    await using workspace = await makeWorkspace({ 'default.nix': two });
    await using editor = await Editor.start({ root: workspace.root, settings: {} });
    await editor.open(workspace.file('default.nix'));
    await editor.evaluated();
    const seen = editor.statuses.length;
    await editor.select({ evaluateAs: ['aarch64-darwin'] });
    const status = await editor.evaluated(seen);
    assert.equal(status.target, 'default.nix · first as aarch64-darwin');
    assert.deepEqual(status.summary?.bySystem, { 'aarch64-darwin': 1 });
    const again = editor.statuses.length;
    await editor.select({ evaluateAs: [null] });
    assert.equal((await editor.evaluated(again)).evaluateAs, undefined);
  });

  test('where there are none, that is said with what to do', async () => {
    await using workspace = await makeWorkspace({ 'values.nix': '{ a = 1; }\n' });
    await using editor = await Editor.start({ root: workspace.root, settings: {} });
    await editor.open(workspace.file('values.nix'));
    const status = await editor.status(({ problem }) => problem === 'no-target');
    assert.equal(status.state, 'idle');
    assert.match(status.message ?? '', /No evaluation target was found.*nixPlatformLens\.targets/);
    assert.match((await editor.targets()).problem ?? '', /nixPlatformLens\.targets/);
    const place = { uri: uriOf(workspace.file('values.nix')), position: { line: 0, character: 0 } };
    await assert.rejects(
      editor.execute('nixPlatformLens.server.evaluateAt', place),
      /No evaluation target was found at this place/,
    );
    assert.deepEqual(editor.log, []);
  });

  test('a module that no configuration imports is one by itself, and what it lacks is said', async () => {
    await using workspace = await makeWorkspace({ 'module.nix': '{ config, ... }: { }\n' });
    await using editor = await Editor.start({
      root: workspace.root,
      settings: {},
      env: { ...process.env, NIX_PATH: '' },
    });
    await editor.open(workspace.file('module.nix'));
    const status = await editor.status(({ state }) => state === 'failed');
    assert.match(status.message ?? '', /'nixpkgs' was not found.*Tell Nix where it is/);
  });
});

describe('leaks that come in outside the workspace', () => {
  test('are shown at the expression through which they do', async () => {
    await using outside = await makeWorkspace({ 'set.nix': leakyFile });
    await using workspace = await makeWorkspace({
      'default.nix': `{ app = (import ${outside.root}/set.nix).app; }\n`,
    });
    await using editor = await Editor.start({ root: workspace.root, settings });
    const file = workspace.file('default.nix');
    await editor.open(file);
    assert.equal((await editor.evaluated()).summary?.leaks, 1);
    const [diagnostic] = await editor.someDiagnostics(file);
    assert.ok(diagnostic);
    assert.match(textOf(diagnostic), /tool.* is built for x86_64-darwin/);
    assert.equal(diagnostic.range.start.line, 0);
  });

  test('are shown at the target’s attribute where nothing was observed', async () => {
    await using outside = await makeWorkspace({ 'set.nix': leakyFile });
    await using workspace = await makeWorkspace({ 'default.nix': `import ${outside.root}/set.nix\n` });
    await using editor = await Editor.start({ root: workspace.root, settings });
    const file = workspace.file('default.nix');
    await editor.open(file);
    await editor.evaluated();
    const [diagnostic] = await editor.someDiagnostics(file);
    assert.ok(diagnostic);
    assert.equal(diagnostic.range.start.line, 0);
  });
});
