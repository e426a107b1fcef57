import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { describe, test } from 'node:test';
import { CancellationTokenSource } from 'vscode-languageserver/node';

import { serverCommands } from '../../server/src/protocol.ts';
import { Editor } from './support/editor.ts';
import { derivation, makeWorkspace } from './support/workspace.ts';

const features = ['--extra-experimental-features', 'nix-command'];

const manyPackages = `{
  outputs = { self }: {
    packages.x86_64-linux.tool = ${derivation('tool', '"x86_64-linux"')};
    legacyPackages.x86_64-linux = {
      othello = throw "not asked for";
      hello-unfree = throw "not asked for";
      hello = ${derivation('hello', '"x86_64-linux"')};
      never = throw "not asked for";
    };
  };
}
`;

describe('flakes', () => {
  test('packages that are too many are a group, which is searched and from which one is chosen', async () => {
    await using workspace = await makeWorkspace({ 'flake.nix': manyPackages });
    await using editor = await Editor.start({ root: workspace.root, settings: {} });
    await editor.open(workspace.file('flake.nix'));
    const { target } = await editor.evaluated();
    assert.equal(target, '.#packages.x86_64-linux.tool', 'a group is no target');

    const { targets } = await editor.targets();
    const group = targets.find((item) => item.group);
    assert.equal(group?.label, '.#legacyPackages.x86_64-linux …');
    const parent = group.key;
    await assert.rejects(editor.select({ keys: [parent] }), /does not exist/);

    // As somebody types: each search ends the one before.
    const first = new CancellationTokenSource();
    const early = editor.targets({ parent }, first.token);
    const late = editor.targets({ parent, search: 'HELL' });
    first.cancel();
    assert.deepEqual((await early).targets, []);
    const found = (await late).targets;
    assert.deepEqual(
      found.map(({ label }) => label),
      ['hello', 'hello-unfree', 'othello'].map((name) => `.#legacyPackages.x86_64-linux.${name}`),
    );
    assert.deepEqual((await editor.targets({ parent, search: 'absent' })).targets, []);

    const seen = editor.statuses.length;
    await editor.select({ keys: [found[0]?.key ?? ''] });
    const done = await editor.evaluated(seen);
    assert.equal(done.target, '.#legacyPackages.x86_64-linux.hello');
    assert.equal(done.summary?.rootName, 'hello');
    const active = (await editor.targets()).targets.filter((item) => item.active);
    assert.deepEqual(
      active.map(({ label }) => label),
      ['.#legacyPackages.x86_64-linux.hello'],
    );
    await assert.rejects(editor.targets({ parent: '.#legacyPackages.riscv64-linux' }), /does not exist/);
  });

  test('inputs that are not here are fetched when somebody asks for it, and only then', async () => {
    await using far = await makeWorkspace({
      'far/flake.nix': `# ${randomUUID()}\n{ outputs = { self }: { }; }\n`,
    });
    execFileSync('tar', ['-czf', far.file('far.tar.gz'), '-C', far.root, 'far']);
    const narHash = execFileSync('nix', ['hash', 'path', far.file('far'), ...features])
      .toString()
      .trim();
    const tarball = await readFile(far.file('far.tar.gz'));
    let downloads = 0;
    const host = createServer((_, response) => {
      downloads += 1;
      response.end(tarball);
    });
    await once(host.listen(0, '127.0.0.1'), 'listening');
    try {
      const address = host.address();
      assert.ok(address !== null && typeof address === 'object');
      const url = `http://127.0.0.1:${address.port}/far.tar.gz`;
      const locked = { type: 'tarball', url, narHash };
      await using workspace = await makeWorkspace({
        'flake.nix': `{
          inputs.far.url = "${url}";
          outputs = { self, far }: {
            packages.x86_64-linux.tool = builtins.seq far.outPath (${derivation('tool', '"x86_64-linux"')});
          };
        }`,
        'flake.lock': JSON.stringify({
          version: 7,
          root: 'root',
          nodes: { root: { inputs: { far: 'far' } }, far: { locked, original: { type: 'tarball', url } } },
        }),
      });
      const { root } = workspace;
      const env = { ...process.env, no_proxy: '127.0.0.1', XDG_CACHE_HOME: far.file('cache') };
      const settings = { targets: [{ flake: '.', attribute: 'packages.x86_64-linux.tool' }] };
      await using editor = await Editor.start({ root, settings, env });
      const file = workspace.file('flake.nix');
      await editor.open(file);
      const failed = await editor.evaluated();
      const message = 'The flake’s input far is not on this machine.';
      assert.deepEqual(failed.actions, [{ kind: 'fetch-inputs', flake: root, message }]);
      assert.equal(downloads, 0);

      const command = {
        title: 'Fetch the inputs of the flake',
        command: serverCommands.fetchInputs,
        arguments: [{ flake: root }],
      };
      const lenses = await editor.codeLenses(file);
      assert.deepEqual(lenses[0]?.command, command);
      const [diagnostic] = await editor.someDiagnostics(file);
      assert.ok(diagnostic);
      const [action] = await editor.codeActions(file, diagnostic);
      assert.deepEqual(action?.command, command);
      assert.deepEqual(action.diagnostics, [diagnostic]);
      await assert.rejects(editor.execute(serverCommands.fetchInputs, { flake: '/elsewhere' }), /No inputs/);
      assert.equal(downloads, 0);

      const seen = editor.statuses.length;
      await editor.execute(serverCommands.fetchInputs, { flake: root });
      const done = await editor.evaluated(seen);
      assert.equal(done.state, 'done');
      assert.equal(done.actions, undefined);
      assert.equal(downloads, 1);
      assert.ok(editor.statuses.some((status) => status.message?.includes('etching the inputs')));
      await assert.rejects(editor.execute(serverCommands.fetchInputs), /No inputs of a flake are missing/);
    } finally {
      host.close();
    }
  });
});
