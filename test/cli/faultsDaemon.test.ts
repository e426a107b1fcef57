import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { Editor } from '../server/support/editor.ts';
import { derivation, leakyFile } from '../server/support/workspace.ts';
import { runCommand } from '../support/command.ts';
import { NixDaemon } from '../support/nixDaemon.ts';
import { NixFolder } from '../support/nixFolder.ts';
import { nixVersions } from '../support/nixVersions.ts';

const target = ['check', '-f', 'default.nix', '-A', 'app', '--as', 'x86_64-darwin'];

describe('a store that belongs to a daemon', () => {
  for (const { version, directory } of nixVersions()) {
    test(`is asked through its socket by Nix ${version}; that the daemon is dead is said`, async () => {
      using folder = new NixFolder({ 'workspace/default.nix': leakyFile }, 'npl-daemon-');
      await using daemon = new NixDaemon(folder);
      await daemon.start();
      const args = [...target, '--nix', directory];
      for (const remote of ['daemon', `unix://${daemon.socket}`]) {
        const env = { ...daemon.env, NIX_REMOTE: remote };
        const { exitCode, stdout, stderr } = await runCommand(args, folder.file('workspace'), env);
        assert.equal(exitCode, 1, stderr);
        assert.match(stdout, /tool is built for x86_64-darwin/);
        assert.match(stdout, /\(proven: 1 → 0 darwin-built, \d+ derivations? changes?\)/);
      }
      await daemon.kill();
      const env = { ...daemon.env, NIX_REMOTE: 'daemon' };
      const dead = await runCommand(args, folder.file('workspace'), env);
      assert.equal(dead.exitCode, 2);
      assert.match(dead.stderr, /The Nix daemon does not answer\. Start it/);
      assert.doesNotMatch(dead.stderr, /network|--fetch/);
    });
  }

  test('that is killed and started again is told by the server, which is right before and after', async () => {
    using folder = new NixFolder({ 'workspace/default.nix': leakyFile }, 'npl-daemon-');
    await using daemon = new NixDaemon(folder);
    await daemon.start();
    const file = folder.file('workspace/default.nix');
    const env = { ...process.env, ...daemon.env, NIX_REMOTE: 'daemon' };
    const settings = { targets: [{ file: 'default.nix', attribute: 'app' }] };
    await using editor = await Editor.start({ root: folder.file('workspace'), env, settings });
    await editor.open(file);
    assert.equal((await editor.evaluated()).state, 'done');

    await daemon.kill();
    let seen = editor.statuses.length;
    await editor.rewrite(file, leakyFile.replaceAll('"tool"', '"another"'));
    await editor.save(file);
    const failed = await editor.status(({ state }) => state === 'failed', seen);
    assert.match(failed.message ?? '', /The Nix daemon does not answer|connect/);

    await daemon.start();
    seen = editor.statuses.length;
    await editor.rewrite(file, `{ app = ${derivation('app', '"x86_64-linux"')}; }`);
    await editor.save(file);
    assert.equal((await editor.evaluated(seen)).state, 'done');
  });
});
