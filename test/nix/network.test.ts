import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { after, before, describe, test } from 'node:test';

import { execa } from 'execa';

import { describeFailure } from '../../server/src/nix/describeFailure.ts';
import { evaluateExpression, type ExpressionOptions } from '../../server/src/nix/evaluate.ts';
import { findNix } from '../../server/src/nix/installation.ts';
import { findNetworkWall } from '../../server/src/nix/process/networkWall.ts';
import { offlineSettings } from '../../server/src/nix/process/offlineSettings.ts';
import { WarmNix } from '../../server/src/nix/warm/warmNix.ts';
import { NixFolder } from '../support/nixFolder.ts';
import { nixVersions } from '../support/nixVersions.ts';

/** Somebody who listens, counts, and says nothing. */
let host: Server;
let calls = 0;
let port = 0;
before(async () => {
  host = createServer((socket) => {
    calls += 1;
    socket.on('error', () => undefined);
    socket.end();
  });
  await once(host.listen(0, '127.0.0.1'), 'listening');
  const address = host.address();
  assert.ok(address !== null && typeof address === 'object');
  port = address.port;
});
after(() => void host.close());

/** What keeps Nix from the network on this machine. */
function wallHere(): ReturnType<typeof findNetworkWall> {
  const path = process.env['PATH'] ?? '';
  return findNetworkWall({ platform: process.platform, userId: process.getuid?.(), path });
}

/** Ways of Nix code to the network; each file that is named is a new one. */
const ways: Readonly<Record<string, (address: string) => string>> = {
  'a file': (address) => `builtins.readFile (builtins.fetchurl "http://${address}/x?token=secret")`,
  'a tarball': (address) => `import (fetchTarball "http://${address}/x.tar.gz")`,
  'a tarball with its hash': (address) =>
    `import (fetchTarball { url = "http://${address}/x.tar.gz"; sha256 = "${'0'.repeat(52)}"; })`,
  'git over HTTP': (address) => `(builtins.fetchGit "http://${address}/x.git").rev`,
  'git over its own protocol': (address) => `(builtins.fetchGit "git://${address}/x.git").rev`,
  'git over ssh': (address) => `(builtins.fetchGit "ssh://git@${address}/x.git").rev`,
  'a tree': (address) =>
    `(builtins.fetchTree { type = "tarball"; url = "http://${address}/x.tar.gz"; }).narHash`,
  'a flake': (address) => `(builtins.getFlake "http://${address}/x.tar.gz").outPath`,
};
/** Of these this machine may lack the program that a control would need. */
const needsProgram = new Set(['git over ssh']);

for (const { version, directory } of nixVersions()) {
  describe(`Nix ${version} is kept from the network`, async () => {
    const nix = await findNix({ directory });
    const fails = async (expression: string, options: ExpressionOptions = {}) => {
      const evaluation = evaluateExpression(nix, expression, { flakes: true, timeoutMs: 60_000, ...options });
      return evaluation.then(
        () => assert.fail('it gave a value'),
        (error: unknown) => describeFailure(error, () => true)[0],
      );
    };

    for (const [name, way] of Object.entries(ways)) {
      test(name, async () => {
        const address = `127.0.0.1:${port}`;
        const before = calls;
        const refused = await fails(way(`${address}/${randomUUID()}`));
        assert.equal(calls, before, 'nobody was called');
        assert.deepEqual(refused?.action, { kind: 'fetch' });
        assert.match(refused.message, new RegExp(`This needs \\S*${address}\\S* from the network`));

        if (needsProgram.has(name)) return;
        const arguments_ = {
          option: [['download-attempts', '1']],
          arg: [],
          argstr: [],
          include: [],
        } as const;
        await fails(way(`${address}/${randomUUID()}`), { network: 'allowed', arguments: arguments_ });
        assert.ok(calls > before, 'where it is allowed, somebody is called: the test can fail');
      });

      test(`${name}, where there are settings alone`, async () => {
        const before = calls;
        const args = ['--extra-experimental-features', 'nix-command flakes', '--eval', '--strict'];
        const expression = way(`127.0.0.1:${port}/${randomUUID()}`);
        const { failed } = await execa(
          `${directory}/nix-instantiate`,
          [...args, '--read-write-mode', '--expr', expression],
          { env: offlineSettings(process.env), reject: false },
        );
        assert.ok(failed);
        assert.equal(calls, before);
      });
    }

    test('and so is what is built while it evaluates', async () => {
      const knock = `exec 3<>/dev/tcp/127.0.0.1/${port} && echo called > $out || { echo refused > $out; }`;
      const import_ = (name: string) => `builtins.readFile (derivation {
        name = "${name}"; system = builtins.currentSystem; builder = "/bin/bash"; args = [ "-c" ''${knock}'' ];
      })`;
      const built = { allowImportFromDerivation: true, flakes: true };
      // As root without a daemon, and without a sandbox that would be a wall of its own.
      const option = [
        ['sandbox', 'false'],
        ['build-users-group', ''],
      ] as const;
      const arguments_ = { option, arg: [], argstr: [], include: [] };
      const run = (options: ExpressionOptions) =>
        evaluateExpression(nix, import_(`knock-${randomUUID()}`), {
          ...built,
          arguments: arguments_,
          ...options,
        });
      const before = calls;
      // What is built can ignore settings (docs/security.md, "Network").
      const { kind } = await wallHere();
      assert.equal(await run({}), kind === 'settings' ? 'called\n' : 'refused\n');
      assert.equal(calls, kind === 'settings' ? before + 1 : before);
      assert.equal(await run({ network: 'allowed' }), 'called\n');
    });

    test('and so is a substituter, whatever the variable NIX_CONFIG says', async () => {
      const before = calls;
      const env = { NIX_CONFIG: `substituters = http://127.0.0.1:${port}\nsubstitute = true` };
      const wanted = `builtins.readFile (builtins.storePath "/nix/store/${randomUUID()
        .replace(/[^0-9a-d]/g, '0')
        .slice(0, 32)}-absent")`;
      await fails(wanted, { env });
      assert.equal(calls, before);
      const substituters = ['substituters', `http://127.0.0.1:${port}`] as const;
      const arguments_ = { option: [substituters], arg: [], argstr: [], include: [] };
      await fails(wanted, { arguments: arguments_ });
      assert.equal(calls, before);
    });

    test('and so is the Nix that stays', async () => {
      const before = calls;
      await using warm = new WarmNix(nix, { cwd: '/' });
      const expression = `builtins.readFile (builtins.fetchurl "http://127.0.0.1:${port}/${randomUUID()}")`;
      await assert.rejects(warm.query(expression));
      assert.equal(calls, before);
      assert.equal(await warm.query('1 + 1'), 2);
    });
  });
}

test('what was fetched once is found without the network, however old it is', async () => {
  const nix = await findNix({ directory: nixVersions()[0]?.directory ?? '' });
  const text = `text-${randomUUID()}`;
  const server = createHttpServer((_, response) => response.end(text));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  using cache = new NixFolder({});
  const expression = `builtins.readFile (builtins.fetchurl "http://127.0.0.1:${address.port}/${text}")`;
  // Nix asks again for what is older than this, where it may.
  const env = { XDG_CACHE_HOME: cache.path, NIX_CONFIG: 'tarball-ttl = 0' };
  assert.equal(await evaluateExpression(nix, expression, { env, network: 'allowed' }), text);
  server.close();
  assert.equal(await evaluateExpression(nix, expression, { env }), text);
});

test('the wall is the kernel’s where the kernel lets us build one', async () => {
  const byUser = ['--user', '--map-current-user', '--net'];
  const ways = process.getuid?.() === 0 ? [['--net'], byUser] : [byUser];
  const way = ways.find((args) => {
    try {
      execFileSync('unshare', [...args, 'true'], { stdio: 'ignore' });
      return true;
    } catch {
      // A container often may not, even as root.
      return false;
    }
  });
  const { kind, wall } = await wallHere();
  assert.deepEqual({ kind, args: wall?.args }, { kind: way ? 'namespace' : 'settings', args: way });
  const elsewhere = await findNetworkWall({
    platform: 'freebsd',
    userId: 0,
    path: process.env['PATH'] ?? '',
  });
  assert.deepEqual(elsewhere, { kind: 'settings' });
});

test('a machine that is too busy to try its wall evaluates nothing, and says what to do', async () => {
  using folder = new NixFolder({});
  folder.write('unshare', '#!/bin/sh\nexec tail -f /dev/null\n', 0o755);
  const trying = findNetworkWall({ platform: 'linux', userId: 1, path: folder.path, patienceMs: 100 });
  const [error, ...more] = await trying.then(
    () => assert.fail('it has a wall'),
    (failure: unknown) => describeFailure(failure, () => false),
  );
  assert.deepEqual(more, []);
  assert.match(error?.message ?? '', /^Nothing was evaluated, .*unshare did not end within 0\.1 s\.$/);
  assert.match(error?.advice ?? '', /Evaluate again when it has less to do/);
});
