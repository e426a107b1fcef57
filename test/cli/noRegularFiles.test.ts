import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';

import { runCommand, startCommand } from '../support/command.ts';
import { makeFifo, makeSocket, noFiles } from '../support/fifo.ts';
import { NixFolder } from '../support/nixFolder.ts';
import { nixOf, processesWith, until } from '../support/nixProcesses.ts';

// A command that hangs is ended by this, and the test fails.

const derivation = '{ x = derivation { name = "x"; system = "x86_64-linux"; builder = "/bin/sh"; }; }';
const source = { 'default.nix': derivation };

/** What the command reads by itself, and how it is called for that. */
const told: Readonly<Record<string, readonly string[]>> = {
  '.nix-platform-lens.json': ['check', '--all'],
  baseline: ['check', '-A', 'x', '--baseline', 'baseline'],
};

/** What is said of it; but a link that leaves the folder is not even looked behind where a repository sets it. */
function saidOf(what: string, file: string): RegExp {
  return what === 'an endless device' && file === '.nix-platform-lens.json'
    ? /^error: .*This is a link to \/dev\/zero, outside the folder, and was not read/m
    : /^error: .*no regular file/m;
}

for (const [file, args] of Object.entries(told)) {
  for (const [what, put] of Object.entries(noFiles)) {
    test(`${what} as ${file} ends the command, which says so`, async () => {
      using folder = new NixFolder(source);
      put(folder.file(file));
      const { exitCode, stderr } = await runCommand(args, folder.path);
      assert.match(stderr, saidOf(what, file));
      assert.equal(exitCode, 2);
    });
  }
  test(`a socket as ${file} ends the command, which says so`, async () => {
    using folder = new NixFolder(source, 'npl-socket-');
    const socket = await makeSocket(folder.file(file));
    const { exitCode, stderr } = await runCommand(args, folder.path);
    assert.match(stderr, /^error: .*no regular file.*a socket/m);
    assert.equal(exitCode, 2);
    socket.close();
  });
}

for (const flags of [['--output'], ['--write-baseline'], ['--report', 'json=']] as const) {
  test(`a FIFO that nobody reads as ${flags[0]} ends the command, which says so`, async () => {
    using folder = new NixFolder(source);
    const fifo = makeFifo(folder.file('out'));
    const given = flags[1] === undefined ? [flags[0], fifo] : [flags[0], `${flags[1]}${fifo}`];
    const { exitCode, stderr } = await runCommand(['check', '-A', 'x', ...given], folder.path);
    assert.match(stderr, /could not be written: .*nobody reads from it/);
    assert.equal(exitCode, 2);
  });
}

test('a .drv that is a FIFO cannot be read, which is said', async () => {
  using folder = new NixFolder({});
  const path = makeFifo(folder.file(`${'a'.repeat(32)}-x.drv`));
  const { exitCode, stderr } = await runCommand(['check', path, '--timeout', '5'], folder.path);
  assert.match(stderr, /^error: .*expected a readable \.drv file, found EINVAL: no regular file/m);
  assert.equal(exitCode, 2);
});

/** Of these a search for targets reads what Nix would read, too. */
for (const file of [
  'default.nix',
  'flake.nix',
  'other.nix',
  '.gitignore',
  'npins/sources.json',
  'nix/sources.json',
]) {
  test(`a FIFO as ${file} does not keep the search for targets`, async () => {
    using folder = new NixFolder(source);
    const module = '{ config, ... }: { networking.hostName = "x"; imports = [ ./default.nix ]; }';
    folder.write('configuration.nix', module);
    makeFifo(folder.file(file));
    const { exitCode, stderr } = await runCommand(['check', '--list', '--timeout', '60'], folder.path);
    assert.doesNotMatch(stderr, /did not finish/);
    assert.equal(exitCode, 0);
  });
}

test('a FIFO as a file that another imports ends with the time limit', async () => {
  using folder = new NixFolder({ 'default.nix': '{ x = import ./f.nix; }' });
  makeFifo(folder.file('f.nix'));
  const { exitCode, stderr } = await runCommand(['check', '-A', 'x', '--timeout', '2'], folder.path);
  assert.match(stderr, /^error: Nix did not finish within 2 s/m);
  assert.equal(exitCode, 2);
});

test('a FIFO as flake.lock ends with the time limit', async () => {
  using folder = new NixFolder({ 'flake.nix': '{ outputs = _: { }; }' });
  makeFifo(folder.file('flake.lock'));
  const { exitCode } = await runCommand(['check', '.#x', '--timeout', '2'], folder.path);
  assert.equal(exitCode, 2);
});

test('Ctrl-C ends a command whose Nix waits for a FIFO', async () => {
  using folder = new NixFolder({ 'default.nix': '{ x = import ./f.nix; }' });
  using temporary = new NixFolder({}, 'npl-fifo-');
  makeFifo(folder.file('f.nix'));
  const env = { TMPDIR: temporary.path, NPL_TEST_MARK: temporary.path };
  const command = await startCommand(['check', '-A', 'x'], folder.path, env);
  const mark = `NPL_TEST_MARK=${temporary.path}`;
  await until('Nix runs', () => nixOf(mark).length > 0);
  command.kill('SIGINT');
  const { signal, stderr } = await command.ended;
  assert.deepEqual({ signal, stderr }, { signal: 'SIGINT', stderr: 'error: cancelled' });
  await until('its processes end', () => processesWith(mark).length === 0);
});

test('a machines file that is a FIFO names no machine that could be read', async () => {
  using folder = new NixFolder(source);
  using settings = new NixFolder({}, 'npl-conf-');
  const machines = makeFifo(settings.file('machines'));
  writeFileSync(settings.file('nix.conf'), `builders = @${machines}\n`);
  const { exitCode } = await runCommand(['check', '-A', 'x', '--timeout', '60'], folder.path, {
    NIX_CONF_DIR: settings.path,
  });
  assert.equal(exitCode, 0);
});
