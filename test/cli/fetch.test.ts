import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { runCommand } from '../support/command.ts';
import { NixFolder } from '../support/nixFolder.ts';

const flake = `{
  inputs.part = { url = "tarball+http://localhost/part.tar.gz"; flake = false; };
  outputs = { self, part }: {
    packages.x86_64-linux.tool = derivation {
      name = builtins.readFile "\${part}/name"; system = "x86_64-linux"; builder = "/bin/sh";
    };
  };
}`;

/** A flake whose locked input is a tarball on a server of the test's, which nobody has fetched yet. */
function openFlake(url: string): { readonly folder: NixFolder; readonly tarball: Buffer } {
  const part = new NixFolder({ 'part/name': `tool-${process.hrtime.bigint()}` });
  const run = (command: string, ...args: string[]) => execFileSync(command, args, { stdio: 'pipe' });
  const features = ['--extra-experimental-features', 'nix-command'];
  const narHash = run('nix', ...features, 'hash', 'path', part.file('part'))
    .toString()
    .trim();
  const tarball = run('tar', '-C', part.path, '-cz', 'part');
  part[Symbol.dispose]();
  const lock = {
    nodes: {
      part: {
        flake: false,
        locked: { type: 'tarball', url, narHash },
        original: { type: 'tarball', url },
      },
      root: { inputs: { part: 'part' } },
    },
    root: 'root',
    version: 7,
  };
  const text = flake.replace('tarball+http://localhost/part.tar.gz', url);
  return {
    folder: new NixFolder({ 'flake.nix': text, 'flake.lock': JSON.stringify(lock) }, 'nix-lens-fetch-'),
    tarball,
  };
}

describe('a flake whose input is not on this machine', () => {
  let tarball: Buffer = Buffer.alloc(0);
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    if (request.url?.startsWith('/gone/')) response.writeHead(404).end();
    else response.end(tarball);
  });
  before(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  after(() => void server.close());
  const address = (): string => {
    const bound = server.address();
    assert.ok(bound !== null && typeof bound === 'object');
    return `http://127.0.0.1:${bound.port}`;
  };

  test('is evaluated once its input was fetched, which happens only with --fetch', async () => {
    const opened = openFlake(`${address()}/${process.hrtime.bigint()}/part.tar.gz`);
    using folder = opened.folder;
    tarball = opened.tarball;
    const check = (...more: string[]) =>
      runCommand(['check', '.#packages.x86_64-linux.tool', ...more], folder.path);

    const refused = await check();
    assert.equal(refused.exitCode, 2);
    assert.match(refused.stderr, /^flake\.nix:\d+:\d+: error: The flake’s input part is not on this machine/);
    assert.match(refused.stderr, /With --fetch/);
    assert.deepEqual(asked, [], 'nothing was downloaded');

    const fetched = await check('--fetch');
    assert.equal(fetched.exitCode, 0, fetched.stderr);
    assert.ok(asked.length > 0);

    const again = await check();
    assert.equal(again.exitCode, 0, 'it is here now');
  });

  test('says why an input could not be fetched', async () => {
    using folder = openFlake(`${address()}/gone/part.tar.gz`).folder;
    const { exitCode, stderr } = await runCommand(
      ['check', '.#packages.x86_64-linux.tool', '--fetch'],
      folder.path,
    );
    assert.equal(exitCode, 2);
    assert.match(stderr, /gone\/part\.tar\.gz.*404/s);
  });
});
