import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSystem, parseSystem, runsOn } from '../../server/src/model/system.ts';

test('a system is taken apart at its last dash', () => {
  assert.deepEqual(parseSystem('x86_64-v3-linux'), { processor: 'x86_64-v3', kernel: 'linux' });
  assert.deepEqual(parseSystem('aarch64-darwin'), { processor: 'aarch64', kernel: 'darwin' });
  assert.deepEqual(parseSystem('builtin'), { processor: 'builtin', kernel: '' });
});

test('a system is known by its form', () => {
  for (const system of ['x86_64-linux', 'x86_64-v3-linux', 'armv7l-linux'])
    assert.ok(isSystem(system), system);
  const others = [
    '',
    'linux',
    'builtin',
    '-linux',
    'x86_64-',
    '--arg',
    'x86_64 linux',
    'x86_64-linux\n',
    'a-b;c',
  ];
  for (const other of others) assert.ok(!isSystem(other), other);
});

for (const [host, machine, expected] of [
  ['x86_64-linux', 'x86_64-linux', 'native'],
  ['i686-linux', 'x86_64-linux', 'compatible'],
  ['i686-linux', 'x86_64-v3-linux', 'compatible'],
  ['x86_64-v3-linux', 'x86_64-linux', 'compatible'],
  ['x86_64-linux', 'x86_64-v2-linux', 'compatible'],
  ['x86_64-linux', 'i686-linux', 'no'],
  ['i686-linux', 'aarch64-linux', 'no'],
  ['i686-windows', 'x86_64-windows', 'no'],
  ['x86_64-darwin', 'aarch64-darwin', 'emulated'],
  ['aarch64-darwin', 'x86_64-darwin', 'no'],
  ['x86_64-linux', 'x86_64-darwin', 'no'],
  ['x86_64-linux', 'aarch64-linux', 'no'],
  ['x86_64-v5-linux', 'x86_64-linux', 'no'],
] as const) {
  test(`${host} on ${machine}: ${expected}`, () => {
    assert.equal(runsOn(host, machine), expected);
  });
}

test('what a machine runs besides is compatible within a family of processors, and emulated elsewhere', () => {
  assert.equal(runsOn('armv7l-linux', 'aarch64-linux', ['armv7l-linux']), 'compatible');
  assert.equal(runsOn('aarch64-linux', 'x86_64-linux', ['aarch64-linux', 'riscv64-linux']), 'emulated');
  assert.equal(runsOn('riscv64-linux', 'x86_64-linux', ['aarch64-linux']), 'no');
});
