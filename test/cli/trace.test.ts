import assert from 'node:assert/strict';
import { execa } from 'execa';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

const repository = join(import.meta.dirname, '..', '..');

test('npm run trace keeps the copies that a probed evaluation read, and the traces that it printed', async () => {
  const args = ['check', '-f', 'release.nix', '-A', 'build.x86_64-linux', '--no-fixes'];
  const { stdout, stderr, exitCode } = await execa(
    process.execPath,
    [join(repository, 'scripts', 'trace-nix.mjs'), ...args],
    { cwd: repository, env: { INIT_CWD: join(repository, 'example') }, reject: false },
  );
  assert.equal(exitCode, 0, stderr);
  assert.match(stdout, /^✓ build-farm-1\.0/);
  const folder = /^What each Nix was called with, read and printed: (.+)$/m.exec(stderr)?.[1];
  assert.ok(folder !== undefined, stderr);
  try {
    const files = await readdir(folder, { recursive: true });
    const probed: string[] = [];
    for (const file of files.filter((name) => name.endsWith('/stderr')))
      if ((await readFile(join(folder, file), 'utf8')).includes('trace: npl-')) probed.push(file);
    const [call, ...others] = probed.map((file) => file.replace(/stderr$/, ''));
    assert.ok(call !== undefined && others.length === 0, probed.join(' '));
    assert.ok(
      files.some((file) => file.startsWith(call) && file.endsWith('/release.nix')),
      'its copies',
    );
    assert.match(await readFile(join(folder, call, 'arguments'), 'utf8'), /^\/.*nix-instantiate\n/);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
