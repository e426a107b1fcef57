import assert from 'node:assert/strict';
import { execa } from 'execa';
import { cp, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test } from 'node:test';

const repository = join(import.meta.dirname, '../..');
/** What a build makes, or has nothing to do with it. */
const left = new Set(['node_modules', 'dist', '.git', '.cache', 'test', 'test-results']);

test('another build, in another folder, another time zone and with other rights, gives the same bytes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'npl build '));
  try {
    const copy = join(folder, 'another-name');
    await cp(repository, copy, { recursive: true, filter: (path) => !left.has(basename(path)) });
    await symlink(join(repository, 'node_modules'), join(copy, 'node_modules'));
    const script = 'umask 077; exec "$0" scripts/package.mjs';
    const env = { TZ: 'Pacific/Kiritimati', LC_ALL: 'C', SOURCE_DATE_EPOCH: '1' };
    await execa('sh', ['-c', script, process.execPath], { cwd: copy, env });
    const names = (await readdir(join(repository, 'dist'))).map((name) => join('dist', name));
    assert.deepEqual((await readdir(join(copy, 'dist'))).sort(), names.map((name) => basename(name)).sort());
    for (const name of [...names, 'nix-platform-lens.tgz', 'nix-platform-lens.vsix']) {
      const [here, there] = await Promise.all([readFile(join(repository, name)), readFile(join(copy, name))]);
      assert.ok(here.equals(there), `${name} differs`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
