import assert from 'node:assert/strict';
import { readdirSync, rmSync } from 'node:fs';
import { describe, test } from 'node:test';

import { runCommand, runProcess } from '../support/command.ts';
import { NixFolder } from '../support/nixFolder.ts';
import { noSmallDisk, SmallDisk } from '../support/smallDisk.ts';
import { Editor } from './support/editor.ts';
import { leakyFile } from './support/workspace.ts';

const settings = { targets: [{ file: 'default.nix', attribute: 'app' }], evaluateAs: 'x86_64-darwin' };
const target = ['check', '-f', 'default.nix', '-A', 'app', '--as', 'x86_64-darwin'];

/** Evaluates in a server, edits, and evaluates again: both times the leak is told. */
async function worksRight(
  folder: NixFolder,
  env: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  await using editor = await Editor.start({
    root: folder.file('workspace'),
    env: { ...process.env, ...env },
    settings,
  });
  const file = folder.file('workspace/default.nix');
  await editor.open(file);
  const first = await editor.evaluated();
  assert.equal(first.state, 'done', first.message);
  assert.equal((await editor.someDiagnostics(file)).length, 1);
  const seen = editor.statuses.length;
  await editor.rewrite(file, `# edited\n${leakyFile}`);
  await editor.save(file);
  const second = await editor.evaluated(seen);
  assert.equal(second.state, 'done', second.message);
  const [diagnostic] = await editor.someDiagnostics(file);
  assert.ok(diagnostic);
  return editor.log;
}

describe('a disk that is full or read-only', { skip: noSmallDisk() }, () => {
  for (const [name, spoil] of [
    ['full', (disk: SmallDisk) => disk.fill()],
    ['read-only', (disk: SmallDisk) => disk.makeReadOnly()],
  ] as const) {
    test(`where reports are kept (${name}) costs nothing but what is kept`, async () => {
      using folder = new NixFolder({ 'workspace/default.nix': leakyFile }, 'npl-disk-');
      using disk = new SmallDisk(folder.file('cache'));
      spoil(disk);
      // Folders may find room on a disk that is full.
      const files = (): string[] =>
        readdirSync(disk.path, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map(({ name }) => name);
      const before = files();
      const log = await worksRight(folder, { XDG_CACHE_HOME: disk.path });
      assert.match(log.join('\n'), /could not be kept for the next session/);
      assert.deepEqual(files(), before);
    });

    test(`for temporary files (${name}) is told by the command, which is right all the same`, async () => {
      using folder = new NixFolder({ 'workspace/default.nix': leakyFile }, 'npl-disk-');
      using disk = new SmallDisk(folder.file('temporary'));
      spoil(disk);
      const before = readdirSync(disk.path);
      const { exitCode, stdout, stderr } = await runProcess(target, folder.file('workspace'), {
        TMPDIR: disk.path,
      });
      assert.equal(exitCode, 1, stderr);
      assert.match(stdout, /tool is built for x86_64-darwin/);
      assert.match(stdout + stderr, /no space left|read-only file system/i);
      assert.deepEqual(readdirSync(disk.path), before);
    });

    test(`under Nix’s store (${name}) is told with what to do`, async () => {
      using folder = new NixFolder({ 'workspace/default.nix': leakyFile }, 'npl-disk-');
      using disk = new SmallDisk(folder.file('nix'), '2m');
      spoil(disk);
      const { exitCode, stdout, stderr } = await runCommand(target, folder.file('workspace'), {
        NIX_STORE_DIR: `${disk.path}/store`,
        NIX_STATE_DIR: `${disk.path}/state`,
        NIX_LOG_DIR: `${disk.path}/log`,
      });
      assert.equal(exitCode, 2, stdout);
      assert.match(stderr, /A disk is full\. Make room|Nix may not read or write there/);
    });
  }

  test('that becomes full in the middle keeps the report of before, and takes one again with room', async () => {
    using folder = new NixFolder({ 'workspace/default.nix': leakyFile }, 'npl-disk-');
    using disk = new SmallDisk(folder.file('cache'));
    const env = { XDG_CACHE_HOME: disk.path };
    assert.deepEqual(await worksRight(folder, env), []);
    const kept = (): string[] =>
      readdirSync(disk.path, { recursive: true, encoding: 'utf8' }).filter((name) =>
        name.endsWith('.report'),
      );
    assert.equal(kept().length, 1);
    disk.fill();
    assert.match((await worksRight(folder, env)).join('\n'), /could not be kept for the next session/);
    assert.equal(kept().length, 1);
    rmSync(`${disk.path}/filling`);
    assert.deepEqual(await worksRight(folder, env), []);
  });
});

test('a file in the place of the folder of reports costs nothing but what is kept', async () => {
  using folder = new NixFolder({ 'workspace/default.nix': leakyFile, cache: 'no folder' }, 'npl-disk-');
  const log = await worksRight(folder, { XDG_CACHE_HOME: folder.file('cache') });
  assert.match(log.join('\n'), /could not be kept for the next session/);
});

test('a file in the place of the folder for temporary files is told by the command', async () => {
  using folder = new NixFolder({ 'workspace/default.nix': leakyFile, temporary: 'no folder' }, 'npl-disk-');
  const { exitCode, stdout, stderr } = await runProcess(target, folder.file('workspace'), {
    TMPDIR: folder.file('temporary'),
  });
  assert.equal(exitCode, 1, stderr);
  assert.match(stdout, /tool is built for x86_64-darwin/);
  assert.match(stdout + stderr, /not a directory|ENOTDIR/i);
});
