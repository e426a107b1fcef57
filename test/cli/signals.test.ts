import assert from 'node:assert/strict';
import { execa } from 'execa';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { cli, startCommand } from '../support/command.ts';
import { NixFolder } from '../support/nixFolder.ts';
import { openWorkspace } from '../support/workspace.ts';
import { nixOf, processesWith, until } from '../support/nixProcesses.ts';

/** Computes for hours without a pause in which it would hear a signal. */
const neverEnds = `
  let count = builtins.foldl' (a: b: a + b) 0;
  in { never = count (map (n: count (builtins.genList (x: x + n) 10000)) (builtins.genList (x: x) 1000000)); }
`;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(`${signal} cancels: one line, nothing is left behind, and the command ends by the signal`, async () => {
    using workspace = new NixFolder({ 'default.nix': neverEnds });
    using temporary = new NixFolder({}, 'npl-signals-');
    const env = { TMPDIR: temporary.path, NPL_TEST_MARK: temporary.path };
    const command = await startCommand(['check', '-A', 'never'], workspace.path, env);
    const copies = () => readdirSync(temporary.path).filter((name) => name.startsWith('nix-platform-lens-'));
    const mark = `NPL_TEST_MARK=${temporary.path}`;
    await until('the copies are evaluated', () => copies().length > 0 && nixOf(mark).length === 2);
    command.kill(signal);
    const { signal: by, stdout, stderr } = await command.ended;
    assert.deepEqual({ by, stdout, stderr }, { by: signal, stdout: '', stderr: 'error: cancelled' });
    assert.deepEqual(copies(), []);
    await until('its processes end', () => processesWith(mark).length === 0);
  });
}

test('a loop of a shell ends with the command that is interrupted', async () => {
  using workspace = new NixFolder({ 'default.nix': neverEnds });
  using temporary = new NixFolder({}, 'npl-signals-');
  const env = { ...process.env, TMPDIR: temporary.path, NPL_TEST_MARK: temporary.path };
  const loop = 'for turn in 1 2; do echo turn $turn; node "$0" check -A never; done; echo behind the loop';
  const shell = execa('bash', ['-c', loop, cli], {
    cwd: workspace.path,
    env,
    detached: true,
    reject: false,
    stdin: 'ignore',
  });
  const copies = () => readdirSync(temporary.path).filter((name) => name.startsWith('nix-platform-lens-'));
  const mark = `NPL_TEST_MARK=${temporary.path}`;
  await until('the copies are evaluated', () => copies().length > 0 && nixOf(mark).length === 2);
  assert.ok(shell.pid !== undefined);
  // As a terminal does it: to the shell and to what it runs.
  process.kill(-shell.pid, 'SIGINT');
  const { stdout, signal } = await shell;
  assert.deepEqual({ stdout, signal }, { stdout: 'turn 1', signal: 'SIGINT' });
  await until('its processes end', () => processesWith(mark).length === 0);
});

/** The repaired package never ends. */
const endlessRepair = {
  'default.nix': `{ set }:
let
  pkgs = import set {
    system = "x86_64-linux"; crossSystem = "aarch64-linux";
    overlays = [ (final: prev: if prev.stdenv.hostPlatform.system == "aarch64-linux" then { } else { jq = (import ./never.nix).never; }) ];
  };
in
pkgs.stdenv.mkDerivation { name = "root"; nativeBuildInputs = [ pkgs.jq ]; }
`,
  'never.nix': neverEnds,
};

for (const command of ['check', 'fix']) {
  test(`while repairs are evaluated, ${command} is cancelled as well, and tells and writes nothing of them`, async () => {
    await using workspace = await openWorkspace({ files: endlessRepair });
    using temporary = new NixFolder({}, 'npl-signals-');
    const env = { TMPDIR: temporary.path, NPL_TEST_MARK: temporary.path };
    const set = join(workspace.root, '..', 'set.nix');
    const args = [command, '-f', 'default.nix', '--arg', 'set', set, '--repairs-timeout', '3600'];
    const started = await startCommand(args, workspace.root, env);
    const mark = `NPL_TEST_MARK=${temporary.path}`;
    const isProving = () =>
      nixOf(mark).length > 0 &&
      readdirSync(temporary.path, { recursive: true, encoding: 'utf8' }).some(
        (name) =>
          name.endsWith('default.nix') && textAt(join(temporary.path, name)).includes('pkgs.pkgsBuildHost'),
      );
    await until('a repair is evaluated', isProving);
    started.kill('SIGINT');
    const { signal, stdout, stderr } = await started.ended;
    assert.deepEqual({ signal, stderr }, { signal: 'SIGINT', stderr: 'error: cancelled' });
    assert.doesNotMatch(stdout, /Repairs|No repair/);
    assert.equal(textAt(join(workspace.root, 'default.nix')), endlessRepair['default.nix']);
  });
}

test('interrupted once the files are written, fix says that they are', async () => {
  const text = endlessRepair['default.nix'].replace(/overlays = .*;/, '');
  await using workspace = await openWorkspace({ files: { 'default.nix': text } });
  const file = join(workspace.root, 'default.nix');
  const args = ['fix', '-f', 'default.nix', '--arg', 'set', join(workspace.root, '..', 'set.nix')];
  const started = await startCommand([...args, '--allow-dirty'], workspace.root);
  await until('it is written', () => textAt(file).includes('pkgsBuildHost.jq'));
  started.kill('SIGINT');
  const { signal, stdout, stderr } = await started.ended;
  const told = 'error: cancelled, after files were written: Applied 1 repair in 1 file.';
  assert.deepEqual({ signal, stdout, stderr }, { signal: 'SIGINT', stdout: '', stderr: told });
});

/** Empty where it is gone meanwhile. */
function textAt(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
