import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, utimesSync } from 'node:fs';
import { describe, test } from 'node:test';

import { runCommand } from '../support/command.ts';
import { NixFolder } from '../support/nixFolder.ts';
import { nixVersions } from '../support/nixVersions.ts';
import { nixOf, processesWith, until } from '../support/nixProcesses.ts';
import { Editor, uriOf } from './support/editor.ts';
import { RawClient } from './support/rawClient.ts';
import { leakyFile } from './support/workspace.ts';

const endless = `{ app = let sum = f: n: builtins.foldl' (a: b: a + f b) 0 (builtins.genList (x: x) n); in sum (_: sum (x: x) 10000) 1000000; }\n`;
const settings = { targets: [{ file: 'default.nix', attribute: 'app' }], evaluateAs: 'x86_64-darwin' };

describe('a client that is gone ends the server, which leaves nothing', () => {
  for (const [name, leave] of [
    ['its pipe to the server is closed', (client: RawClient) => client.process.stdin.end()],
    [
      'both pipes break while the server writes',
      (client: RawClient) => {
        client.process.stdout.destroy();
        client.process.stdin.destroy();
      },
    ],
  ] as const) {
    test(name, async () => {
      using folder = new NixFolder({ 'workspace/default.nix': endless, 'temporary/x': '' }, 'npl-client-');
      const env = { ...process.env, TMPDIR: folder.file('temporary'), NPL_TEST_MARK: folder.path };
      await using client = new RawClient(env);
      const mark = `NPL_TEST_MARK=${folder.path}`;
      await client.request('initialize', {
        processId: process.pid,
        rootUri: uriOf(folder.file('workspace')),
        capabilities: {},
        initializationOptions: { settings },
      });
      await client.notify('initialized', {});
      const uri = uriOf(folder.file('workspace/default.nix'));
      await client.notify('textDocument/didOpen', {
        textDocument: { uri, languageId: 'nix', version: 1, text: endless },
      });
      await until('Nix runs', () => nixOf(mark).length > 0);
      // Answers of some megabytes are under way.
      for (let id = 1000; id < 1300; id++)
        await client.send({ jsonrpc: '2.0', id, method: `no/${'x'.repeat(10_000)}` });
      const ended = once(client.process, 'exit');
      leave(client);
      await ended;
      await until('all processes are gone', () => processesWith(mark).length === 0);
      assert.deepEqual(readdirSync(folder.file('temporary')), ['x']);
    });
  }
});

test('two servers and a command on one workspace and one storage are all right', async () => {
  using folder = new NixFolder({ 'workspace/default.nix': leakyFile }, 'npl-both-');
  const root = folder.file('workspace');
  const file = folder.file('workspace/default.nix');
  const env = { ...process.env, XDG_CACHE_HOME: folder.file('cache') };
  await using one = await Editor.start({ root, env, settings });
  await using other = await Editor.start({ root, env, settings });
  for (let round = 0; round < 5; round++) {
    const text = `# ${round}\n${leakyFile}`;
    const command = runCommand(['check', '-f', 'default.nix', '-A', 'app', '--as', 'x86_64-darwin'], root, {
      XDG_CACHE_HOME: folder.file('cache'),
    });
    const results = [one, other].map(async (editor) => {
      const seen = editor.statuses.length;
      if (round === 0) await editor.open(file);
      else {
        await editor.rewrite(file, text);
        await editor.save(file);
      }
      assert.equal((await editor.evaluated(seen)).state, 'done');
      assert.equal((await editor.someDiagnostics(file)).length, 1);
    });
    await Promise.all(results);
    assert.equal((await command).exitCode, 1);
  }
  assert.deepEqual([one.log, other.log], [[], []]);
  await one[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
  // What both wrote is whole: a third one shows it without a complaint, then evaluates.
  await using third = await Editor.start({ root, env, settings });
  await third.open(file);
  await third.status(({ asOf }) => asOf !== undefined);
  assert.equal((await third.evaluated()).state, 'done');
  assert.deepEqual(third.log, []);
});

test('reports and files from the future are used, and replaced by what is evaluated now', async () => {
  using folder = new NixFolder({ 'workspace/default.nix': leakyFile }, 'npl-clock-');
  const root = folder.file('workspace');
  const file = folder.file('workspace/default.nix');
  const cache = folder.file('cache');
  const preload = folder.write(
    'clock.cjs',
    `const now = Date.now; const year = 365 * 86400e3;
    const Real = Date; globalThis.Date = class extends Real { constructor(...given) { if (given.length) super(...given); else super(now() + year); } static now() { return now() + year; } };`,
  );
  const env = { ...process.env, XDG_CACHE_HOME: cache };
  {
    await using editor = await Editor.start({
      root,
      env: { ...env, NODE_OPTIONS: `--require=${preload}` },
      settings,
    });
    await editor.open(file);
    assert.equal((await editor.evaluated()).state, 'done');
  }
  const future = Date.now() / 1000 + 365 * 86400;
  const kept = readdirSync(cache, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.report'),
  );
  assert.equal(kept.length, 1);
  for (const name of [file, ...kept.map((name) => `${cache}/${name}`)]) utimesSync(name, future, future);
  for (let session = 0; session < 2; session++) {
    await using editor = await Editor.start({ root, env, settings });
    await editor.open(file);
    const former = await editor.status(({ asOf }) => asOf !== undefined);
    const isOfFuture = Date.parse(former.asOf ?? '') > Date.now();
    assert.equal(isOfFuture, session === 0, 'the second session sees what the first one wrote');
    assert.equal((await editor.evaluated()).state, 'done');
    assert.equal((await editor.someDiagnostics(file)).length, 1);
    assert.deepEqual(editor.log, []);
  }
});

describe('Nix that changes while the server runs', () => {
  for (const [name, spoil] of [
    ['vanishes', () => undefined],
    ['becomes a folder', (folder: NixFolder) => folder.write('nix/nix-instantiate/x', '')],
    ['becomes no program', (folder: NixFolder) => folder.write('nix/nix-instantiate', 'no program', 0o755)],
  ] as const) {
    test(`is told where it ${name}, and used again when it is another version`, async () => {
      using folder = new NixFolder({ 'workspace/default.nix': leakyFile }, 'npl-replaced-');
      const file = folder.file('workspace/default.nix');
      const install = ({ directory }: { readonly directory: string }): void => {
        for (const program of ['nix-instantiate', 'nix', 'nix-store'])
          folder.write(`nix/${program}`, `#!/bin/sh\nexec ${directory}/${program} "$@"\n`, 0o755);
      };
      const [older, , newer] = nixVersions();
      assert.ok(older && newer);
      install(older);
      await using editor = await Editor.start({
        root: folder.file('workspace'),
        settings: { ...settings, nix: { directory: folder.file('nix') } },
      });
      await editor.open(file);
      assert.equal((await editor.evaluated()).state, 'done');

      folder.remove('nix');
      spoil(folder);
      let seen = editor.statuses.length;
      await editor.execute('nixPlatformLens.server.evaluate');
      const failed = await editor.status(({ state }) => state === 'failed', seen);
      assert.match(
        failed.message ?? '',
        /Nix could not be started: .*(?:Install Nix|name the folder)|There is no nix-instantiate/s,
      );

      folder.remove('nix');
      install(newer);
      seen = editor.statuses.length;
      await editor.execute('nixPlatformLens.server.evaluate');
      assert.equal((await editor.evaluated(seen)).state, 'done');
      assert.equal((await editor.someDiagnostics(file)).length, 1);
    });
  }
});
