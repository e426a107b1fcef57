import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, rename, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { nixOf, processesWith } from '../support/nixProcesses.ts';
import { Editor } from './support/editor.ts';
import { derivation, leakyFile, makeWorkspace } from './support/workspace.ts';

const settings = { targets: [{ file: 'default.nix', attribute: 'app' }], evaluateAs: 'x86_64-darwin' };

describe('workspaces of all kinds', () => {
  test('a flake: its outputs are found, evaluated and marked in the text', async () => {
    const flake = `{
  outputs = { self }: {
    packages.x86_64-linux.app = ${derivation('app', '"x86_64-linux"', 'inputs = [ self.packages.x86_64-linux.tool ];')};
    packages.x86_64-linux.tool = ${derivation('tool', '"x86_64-darwin"')};
  };
}
`;
    await using workspace = await makeWorkspace({ 'flake.nix': flake });
    await using editor = await Editor.start({ root: workspace.root, settings: {} });
    const file = workspace.file('flake.nix');
    await editor.open(file);
    const status = await editor.evaluated();
    assert.equal(status.target, '.#packages.x86_64-linux.app', status.message);
    assert.equal(status.summary?.leaks, 1);
    const [diagnostic] = await editor.someDiagnostics(file);
    assert.equal(diagnostic?.range.start.line, 3);
    const lenses = await editor.codeLenses(file);
    assert.deepEqual(
      lenses.map(({ range, command }) => [range.start.line, command?.title]),
      [
        [2, '2 derivations · 1 darwin-built through 1 input'],
        [3, 'evaluate packages.x86_64-linux.tool'],
      ],
    );
  });

  test('a folder with blanks, quotes and umlauts in its name', async () => {
    await using workspace = await makeWorkspace({ 'default.nix': leakyFile });
    const root = workspace.file('mein "Öl" #1 100%');
    await mkdir(root);
    await rename(workspace.file('default.nix'), join(root, 'default.nix'));
    await using editor = await Editor.start({ root, settings });
    await editor.open(join(root, 'default.nix'));
    assert.equal((await editor.evaluated()).summary?.leaks, 1);
    assert.equal((await editor.someDiagnostics(join(root, 'default.nix'))).length, 1);
  });

  test('a folder that is opened through a symbolic link', async () => {
    await using workspace = await makeWorkspace({ 'real/default.nix': leakyFile });
    const root = workspace.file('link');
    await symlink(workspace.file('real'), root);
    await using editor = await Editor.start({ root, settings });
    const file = join(root, 'default.nix');
    await editor.open(file);
    assert.equal((await editor.evaluated()).summary?.leaks, 1);
    assert.equal((await editor.someDiagnostics(file)).length, 1);
    assert.equal((await editor.inlayHints(file)).length, 5);
  });

  test('a single file without a folder', async () => {
    await using workspace = await makeWorkspace({ 'default.nix': leakyFile });
    await using editor = await Editor.start({ settings: { evaluateAs: 'x86_64-darwin' } });
    const file = workspace.file('default.nix');
    await editor.open(file);
    assert.equal((await editor.evaluated()).target, 'default.nix · app as x86_64-darwin');
    assert.equal((await editor.someDiagnostics(file)).length, 1);
  });

  test('lines that end with CR LF', async () => {
    await using workspace = await makeWorkspace({ 'default.nix': leakyFile.replaceAll('\n', '\r\n') });
    await using editor = await Editor.start({ root: workspace.root, settings });
    const file = workspace.file('default.nix');
    await editor.open(file);
    await editor.evaluated();
    const hints = (await editor.inlayHints(file)).map(({ position, label }) => [position.line, label]);
    assert.deepEqual(hints[0], [1, '⚠ x86_64-darwin']);
    assert.equal(hints.length, 5);
  });

  test('an editor that crashes takes server and Nix with it', async () => {
    const sum = `let sum = f: n: builtins.foldl' (a: b: a + f b) 0 (builtins.genList (x: x) n); in sum (_: sum (x: x) 10000) 1000000`;
    await using workspace = await makeWorkspace({ 'default.nix': `{ app = ${sum}; }\n` });
    const mark = `NPL_TEST_MARK=${workspace.root}`;
    const editor = await Editor.start({
      root: workspace.root,
      settings,
      env: { ...process.env, NPL_TEST_MARK: workspace.root },
    });
    await editor.open(workspace.file('default.nix'));
    await editor.untilQuiet('The wait for Nix', () => nixOf(mark).length > 0);
    const ended = once(editor.process, 'exit');
    editor.connection.dispose();
    editor.process.stdin.destroy();
    await ended;
    await editor.untilQuiet('Nix', () => processesWith(mark).length === 0);
  });
});
