import assert from 'node:assert/strict';
import { once } from 'node:events';
import { truncateSync } from 'node:fs';
import { symlink, truncate } from 'node:fs/promises';
import { test } from 'node:test';
import { text } from 'node:stream/consumers';

import { FileBuffer } from '../../server/src/files/fileBuffer.ts';
import { openFile, openFileNow } from '../../server/src/files/openFile.ts';
import { readRegularFile, readTextFile, readTextIfPossible } from '../../server/src/files/regularFile.ts';
import { writeTextFile } from '../../server/src/files/writeTextFile.ts';
import { makeFifo, makeSocket, noFiles, readFifo } from '../support/fifo.ts';
import { NixFolder } from '../support/nixFolder.ts';

const refused = {
  name: 'NoRegularFileError',
  code: 'EINVAL',
  message: /no regular file.*Put a regular file/,
};

for (const [what, put] of Object.entries(noFiles)) {
  test(`${what} is not read`, async () => {
    using folder = new NixFolder({});
    const path = folder.file('x');
    put(path);
    await assert.rejects(readRegularFile(path), refused);
    await assert.rejects(readTextFile(path), refused);
    assert.equal(await readTextIfPossible(path), undefined);
    assert.throws(() => new FileBuffer().readNow(path, 1000), refused);
  });
}

test('a socket is not read', async () => {
  using folder = new NixFolder({}, 'npl-socket-');
  const path = folder.file('x');
  const socket = await makeSocket(path);
  await assert.rejects(readTextFile(path), { ...refused, message: /it is a socket/ });
  assert.throws(() => new FileBuffer().readNow(path, 1000), refused);
  socket.close();
});

test('a file, and a link to one, are read whole', async () => {
  using folder = new NixFolder({ a: 'ä'.repeat(200_000), empty: '' });
  await symlink(folder.file('a'), folder.file('link'));
  assert.equal(await readTextFile(folder.file('link')), 'ä'.repeat(200_000));
  assert.equal((await readRegularFile(folder.file('empty'))).length, 0);
  assert.equal(new FileBuffer().readNow(folder.file('a'), 1e6).toString(), 'ä'.repeat(200_000));
});

test('for a file nothing much larger than it is allocated', async () => {
  using folder = new NixFolder({ a: 'x'.repeat(40_000) });
  assert.equal((await readRegularFile(folder.file('a'))).buffer.byteLength, 40_001);
});

test('a file that does not know its size is read whole', { skip: process.platform !== 'linux' }, async () => {
  assert.match(await readTextFile(`/proc/${process.pid}/status`), /^Pid:\s*\d+$/m);
});

test('a file above the limit is not read, however large it is', async () => {
  using folder = new NixFolder({ a: '' });
  const path = folder.file('a');
  await truncate(path, 2 ** 40);
  const tooLarge = { code: 'EFBIG', message: /larger than 64 MiB.*make it smaller/ };
  await assert.rejects(readTextFile(path), tooLarge);
  assert.throws(() => new FileBuffer().readNow(path, 2 ** 26), tooLarge);
  truncateSync(path, 5);
  assert.equal((await readRegularFile(path, 5)).length, 5);
  await assert.rejects(readRegularFile(path, 4), { code: 'EFBIG' });
});

test('what only is opened for its header is a regular file, too', async () => {
  using folder = new NixFolder({ a: '' });
  const fifo = makeFifo(folder.file('fifo'));
  assert.equal(await openFile(fifo), undefined);
  assert.equal(openFileNow(fifo), undefined);
  assert.equal((await openFile(folder.file('a')))?.status.isFile(), true);
});

test('to a FIFO is written only where somebody reads', async () => {
  using folder = new NixFolder({});
  const path = makeFifo(folder.file('x'));
  await assert.rejects(writeTextFile(path, 'x'), /nobody reads from it; start the reader first/);
  // More than a pipe holds.
  const long = 'x'.repeat(1_000_000);
  const reader = readFifo(path);
  await once(reader, 'spawn');
  const read = text(reader.stdout);
  while (!(await tryToWrite(path, long)));
  assert.equal(await read, long);
});

/** False as long as the reader has not opened it yet. */
async function tryToWrite(path: string, content: string): Promise<boolean> {
  return writeTextFile(path, content).then(
    () => true,
    (error: unknown) => {
      assert.match(String(error), /nobody reads/);
      return false;
    },
  );
}

test('a file is written anew, and a device is written to', async () => {
  using folder = new NixFolder({ a: 'something longer' });
  await writeTextFile(folder.file('a'), 'short');
  assert.equal(await readTextFile(folder.file('a')), 'short');
  await writeTextFile('/dev/null', 'nothing');
  await assert.rejects(writeTextFile(folder.path, 'x'), { code: 'EISDIR' });
});
