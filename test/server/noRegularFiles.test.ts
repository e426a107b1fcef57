import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { describe, test } from 'node:test';

import { makeFifo, noFiles } from '../support/fifo.ts';
import { Editor, uriOf } from './support/editor.ts';
import { leakyFile, makeWorkspace } from './support/workspace.ts';

// A server that hangs is ended by this, and the test fails: disposing of an editor waits for the shutdown.

const settings = { targets: [{ file: 'default.nix', attribute: 'app' }], evaluateAs: 'x86_64-darwin' };
const files = {
  'default.nix': leakyFile,
  'other.nix': '{ }',
  'configuration.nix': '{ config, ... }: { imports = [ ./other.nix ]; networking.hostName = "x"; }',
};

describe('what is no regular file keeps no server from its shutdown', () => {
  for (const trusted of [false, true]) {
    for (const name of [
      '.nix-platform-lens.json',
      'other.nix',
      'flake.lock',
      'flake.nix',
      'npins/sources.json',
    ]) {
      test(`${name} in a workspace that is ${trusted ? '' : 'not '}trusted`, async () => {
        await using workspace = await makeWorkspace(files);
        const file = workspace.file(name);
        makeFifo(file);
        const initializationOptions = { trusted };
        const editor = await Editor.start({ root: workspace.root, settings: {}, initializationOptions });
        await editor.open(workspace.file('default.nix'));
        // Somebody made it while the server was running.
        await editor.connection.sendNotification('workspace/didChangeWatchedFiles', {
          changes: [{ uri: uriOf(file), type: 2 }],
        });
        assert.equal(await editor.hover(workspace.file('default.nix'), 'tool =', 1), null);
        await editor[Symbol.asyncDispose]();
        assert.equal(editor.process.exitCode, 0);
      });
    }
  }

  test('the file of an open document', async () => {
    await using workspace = await makeWorkspace(files);
    const file = workspace.file('default.nix');
    await using editor = await Editor.start({ root: workspace.root, settings });
    await editor.open(file);
    await editor.evaluated();
    rmSync(file);
    makeFifo(file);
    await editor.connection.sendNotification('workspace/didChangeWatchedFiles', {
      changes: [{ uri: uriOf(file), type: 2 }],
    });
    assert.ok((await editor.targets()).targets.some(({ label }) => label === 'default.nix · app'));
  });
});

for (const [what, put] of Object.entries(noFiles)) {
  test(`${what} as target file is told, and the rest works`, async () => {
    await using workspace = await makeWorkspace(files);
    put(workspace.file('.nix-platform-lens.json'));
    await using editor = await Editor.start({ root: workspace.root, settings });
    await editor.open(workspace.file('default.nix'));
    assert.equal((await editor.evaluated()).summary?.leaks, 1);
    if (what === 'an endless device') {
      // It is put there as a link, which is not followed out of the folder.
      const [told] = await editor.someDiagnostics(workspace.file('.nix-platform-lens.json'));
      assert.match(JSON.stringify(told?.message), /link to \/dev\/zero, outside the folder/);
    } else {
      assert.match(editor.log.join('\n'), /\.nix-platform-lens\.json could not be read\.[^]*no regular file/);
    }
  });
}

test('a FIFO as what was kept is read by nobody, and replaced', async () => {
  await using workspace = await makeWorkspace(files);
  await using storage = await makeWorkspace({});
  const initializationOptions = { storage: storage.root };
  const start = (): Promise<Editor> =>
    Editor.start({ root: workspace.root, settings, initializationOptions });
  const evaluate = async (): Promise<void> => {
    await using editor = await start();
    await editor.open(workspace.file('default.nix'));
    assert.equal((await editor.evaluated()).summary?.leaks, 1);
  };
  await evaluate();
  const kept = (await storage.list()).filter((name) => /\.(?:report|json)$/.test(name));
  assert.ok(kept.some((name) => name.endsWith('.report')) && kept.includes('lastTargets.json'));
  for (const name of [...kept, 'choice.json']) makeFifo(storage.file(name));
  await evaluate();
  await evaluate();
});
