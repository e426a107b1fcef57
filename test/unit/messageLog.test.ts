import assert from 'node:assert/strict';
import { test } from 'node:test';

import { MessageLog } from '../../server/src/nix/messageLog.ts';
import { plainError, type NixMessage } from '../../server/src/nix/messages.ts';

const trace = (text: string): NixMessage => ({ kind: 'trace', text });

test('reports are kept, each once and in order, and of the program’s own traces the last', () => {
  const log = new MessageLog('mark');
  log.add(trace('mark|1'));
  for (let index = 0; index < 100_000; index++) log.add(trace(`own ${index}`));
  log.add(trace('mark|2'));
  log.add(trace('mark|1'));
  assert.deepEqual(log.traces, ['mark|1', 'mark|2']);
  assert.ok(log.others.length <= 2000);
  assert.deepEqual(log.others.at(-1), trace('own 99999'));
});

test('errors outlive what is printed after them', () => {
  const log = new MessageLog(undefined);
  log.add(plainError('error: the one that counts'));
  for (let index = 0; index < 100_000; index++) log.add({ kind: 'plain', text: 'and on' });
  assert.deepEqual(
    log.errors.map(({ message }) => message),
    ['the one that counts'],
  );
});

test('long messages are kept while they are few, a single one however long', () => {
  const log = new MessageLog(undefined);
  const long = 'x'.repeat(10 * 1024 * 1024);
  for (let index = 0; index < 50; index++) log.add(trace(long + String(index)));
  assert.deepEqual(
    log.traces.map((text) => text.length),
    [long.length + 2],
  );
  const longest = 'x'.repeat(100 * 1024 * 1024);
  log.add(trace(longest));
  assert.equal(log.traces.at(-1)?.length, longest.length);
});
