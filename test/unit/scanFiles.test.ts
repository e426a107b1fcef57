import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { scanFiles, type ExaminedFile } from '../../server/src/realised/scanFiles.ts';
import { elf, machO } from '../support/binaries.ts';
import { NixFolder } from '../support/nixFolder.ts';

interface Scan {
  readonly files: readonly ExaminedFile[];
  readonly unreadable: readonly string[];
  readonly isWhole: boolean;
}

async function scan(paths: readonly string[], options: { mostFiles?: number } = {}): Promise<Scan> {
  const files: ExaminedFile[] = [];
  const unreadable: string[] = [];
  const isWhole = await scanFiles(
    paths,
    {
      signal: new AbortController().signal,
      mostFiles: options.mostFiles ?? 10_000,
      onUnreadable: (path) => unreadable.push(path),
    },
    (file) => void files.push(file),
  );
  return { files, unreadable, isWhole };
}

function names({ files }: Scan): string[] {
  return files.map(({ file }) => file).sort();
}

describe('the walk over a store path', () => {
  test('loops of links, links that dangle, FIFOs and sockets are passed over', async () => {
    using folder = new NixFolder({ 'bin/real': 'x', 'lib/deep/deeper/x.so': 'x' });
    symlinkSync('..', folder.file('lib/up'));
    symlinkSync(folder.path, folder.file('lib/self'));
    symlinkSync('loop', folder.file('bin/loop'));
    symlinkSync('nowhere', folder.file('bin/dangling'));
    symlinkSync('/etc/passwd', folder.file('bin/outside'));
    execFileSync('mkfifo', [folder.file('bin/fifo'), folder.file('share-fifo')]);
    const found = await scan([folder.path]);
    assert.deepEqual(names(found), ['bin/real', 'lib/deep/deeper/x.so']);
    assert.deepEqual(found.unreadable, []);
  });

  test('a store path that is a file, a link, or not there', async () => {
    using folder = new NixFolder({ script: '#!/bin/sh\n' });
    symlinkSync('script', folder.file('link'));
    assert.deepEqual(names(await scan([folder.file('script')])), ['']);
    assert.deepEqual(names(await scan([folder.file('link')])), []);
    const gone = await scan([folder.file('gone')]);
    assert.deepEqual(gone.files, []);
    assert.equal(gone.unreadable.length, 1);
  });

  test('a FIFO in the place of a store path does not stop it', async () => {
    using folder = new NixFolder({});
    execFileSync('mkfifo', [folder.file('fifo')]);
    assert.deepEqual(names(await scan([folder.file('fifo')])), []);
  });

  test('a program that is a link to a file beside it stands for that', async () => {
    using folder = new NixFolder({});
    mkdirSync(folder.file('share/app'), { recursive: true });
    mkdirSync(folder.file('bin'));
    writeFileSync(folder.file('share/app/app'), machO('arm64'));
    symlinkSync('../share/app/app', folder.file('bin/app'));
    const found = await scan([folder.path]);
    assert.deepEqual(names(found), ['bin/app', 'share/app/app']);
    assert.ok(found.files.every(({ format }) => format.kind === 'code'));
  });

  test('of a huge file only the header is read', async () => {
    using folder = new NixFolder({});
    writeFileSync(folder.file('huge'), elf({ machine: 62, interpreter: '/lib/ld-linux.so', gap: 3_000_000 }));
    truncateSync(folder.file('huge'), 2 ** 41);
    const [file] = (await scan([folder.path])).files;
    assert.ok(file?.format.kind === 'code');
    assert.equal(file.format.loader, '/lib/ld-linux.so');
  });

  test('names that are no UTF-8, and folders with many files', async () => {
    using folder = new NixFolder({});
    const strange = Buffer.concat([Buffer.from(`${folder.path}/`), Buffer.from([0x62, 0xe9, 0xff])]);
    writeFileSync(strange, elf({ machine: 62 }));
    for (let index = 0; index < 3000; index++) writeFileSync(folder.file(`f${index}`), 'x');
    const found = await scan([folder.path]);
    assert.equal(found.files.length, 3001);
    assert.equal(found.files.filter(({ format }) => format.kind === 'code').length, 1);
    assert.deepEqual(found.unreadable, []);
  });

  test('executable bits are those of the file', async () => {
    using folder = new NixFolder({});
    copyFileSync(process.execPath, folder.file('node'));
    chmodSync(folder.file('node'), 0o555);
    folder.write('plain', 'x', 0o444);
    const bits = Object.fromEntries(
      (await scan([folder.path])).files.map(({ file, isExecutable }) => [file, isExecutable]),
    );
    assert.deepEqual(bits, { node: true, plain: false });
  });

  test('a limit ends it, and says so', async () => {
    using folder = new NixFolder(Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`f${at}`, 'x'])));
    const found = await scan([folder.path], { mostFiles: 10 });
    assert.equal(found.files.length, 10);
    assert.equal(found.isWhole, false);
    assert.equal((await scan([folder.path], { mostFiles: 100 })).isWhole, true);
  });

  test('it ends when it is aborted', async () => {
    using folder = new NixFolder(Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`f${at}`, 'x'])));
    const controller = new AbortController();
    let taken = 0;
    const scanning = scanFiles(
      [folder.path],
      { signal: controller.signal, mostFiles: 10_000, onUnreadable: () => undefined },
      () => {
        taken += 1;
        if (taken === 20) controller.abort(new Error('enough'));
      },
    );
    await assert.rejects(scanning, /enough/);
    assert.ok(taken < 500, String(taken));
  });
});
