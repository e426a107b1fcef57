import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { startCommand } from '../support/command.ts';
import { NixFolder } from '../support/nixFolder.ts';
import { processesWith, until } from '../support/nixProcesses.ts';

/** Computes for hours without a pause in which it would hear a signal. */
const neverEnds = `
  let count = builtins.foldl' (a: b: a + b) 0;
  in { never = count (map (n: count (builtins.genList (x: x + n) 10000)) (builtins.genList (x: x) 1000000)); }
`;

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`${signal} cancels: status 2, one line, and nothing is left behind`, async () => {
    using workspace = new NixFolder({ 'default.nix': neverEnds });
    using temporary = new NixFolder({}, 'npl-signals-');
    const env = { TMPDIR: temporary.path, NPL_TEST_MARK: temporary.path };
    const command = await startCommand(['check', '-A', 'never'], workspace.path, env);
    const copies = () => readdirSync(temporary.path).filter((name) => name.startsWith('nix-platform-lens-'));
    const running = () => processesWith(`NPL_TEST_MARK=${temporary.path}`);
    await until('the copies are evaluated', () => copies().length > 0 && running().length > 2, 30_000);
    command.kill(signal);
    const { exitCode, stdout, stderr } = await command.ended;
    assert.deepEqual({ exitCode, stdout, stderr }, { exitCode: 2, stdout: '', stderr: 'error: cancelled' });
    assert.deepEqual(copies(), []);
    await until('its processes end', () => running().length === 0, 1000);
  });
}
