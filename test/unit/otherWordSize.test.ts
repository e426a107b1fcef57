import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoredDerivation, SyntheticStore } from '../support/syntheticStore.ts';
import { judge } from '../support/closure.ts';

const native = { stdenv: '/none' };
const aarch64 = {
  ...native,
  configureFlags: '--build=x86_64-unknown-linux-gnu --host=aarch64-unknown-linux-gnu',
};
const zlib = (store: SyntheticStore, system: string, outputs = ['out', 'dev']): StoredDerivation =>
  store.add({
    name: system === 'i686-linux' ? 'zlib-1.2.11' : 'zlib-1.2.11-x',
    system,
    env: native,
    outputs,
  });

test('a library for 32 bits in buildInputs of a package for 64 bits', async () => {
  const { findings, judgement } = await judge((store) => {
    const library = zlib(store, 'i686-linux');
    const env = { ...native, buildInputs: library.out('dev') };
    return store.add({ name: 'user', inputs: [[library, 'dev']], env });
  });
  assert.deepEqual(findings, ['warning host-platform: user → zlib-1.2.11']);
  assert.match(judgement.leaks[0]?.explanation ?? '', /a library of another processor cannot be linked/);
});

for (const [what, write] of [
  [
    'a program of 32 bits runs there',
    (store) => {
      const program = zlib(store, 'i686-linux', ['out']);
      return store.add({ name: 'user', inputs: [program], env: { ...native, buildInputs: program.out() } });
    },
  ],
  [
    'what is only referred to is not linked',
    (store) => {
      const library = zlib(store, 'i686-linux');
      return store.add({ name: 'user', inputs: [library], env: { ...native, path: library.out() } });
    },
  ],
  [
    'a compiler for both has libraries for both',
    (store) => {
      const library = zlib(store, 'i686-linux');
      const multi = store.add({ name: 'gcc-wrapper-multi-9', env: native });
      const env = { ...native, nativeBuildInputs: multi.out(), buildInputs: library.out('dev') };
      return store.add({ name: 'user', inputs: [[library, 'dev'], multi], env });
    },
  ],
  [
    'a package for 32 bits takes libraries for 32 bits',
    (store) => {
      const library = zlib(store, 'i686-linux');
      const env = { ...native, buildInputs: library.out('dev') };
      const inner = store.add({ name: 'inner', system: 'i686-linux', inputs: [[library, 'dev']], env });
      return store.add({ name: 'user', inputs: [inner], env: { ...native, buildInputs: inner.out() } });
    },
  ],
] satisfies readonly (readonly [string, (store: SyntheticStore) => StoredDerivation])[]) {
  test(what, async () => {
    assert.deepEqual((await judge(write)).findings, []);
  });
}

test('a package set for 32 bits within one that cross-compiles is for the target as well', async () => {
  const inner = {
    ...native,
    configureFlags: '--build=i686-unknown-linux-gnu --host=aarch64-unknown-linux-gnu',
  };
  const { findings } = await judge((store) => {
    const glibc = store.add({
      name: 'glibc-2.31-aarch64-unknown-linux-gnu',
      system: 'i686-linux',
      env: inner,
    });
    const multi = store.add({
      name: 'glibc-multi-2.31',
      inputs: [glibc],
      env: { ...native, glibc32: glibc.out() },
    });
    return store.add({ name: 'user', inputs: [multi], env: { ...aarch64, nativeBuildInputs: multi.out() } });
  });
  assert.deepEqual(findings, [
    'warning plain-reference: glibc-multi-2.31 → glibc-2.31-aarch64-unknown-linux-gnu',
  ]);
});

test('what 32-bit builders cross-compile for something else is none of that', async () => {
  const inner = { ...native, configureFlags: '--build=i686-unknown-linux-gnu --host=i686-w64-mingw32' };
  const { findings } = await judge((store) => {
    const dll = store.add({ name: 'dll-i686-w64-mingw32', system: 'i686-linux', env: inner });
    return store.add({ name: 'wine', inputs: [dll], env: { ...native, dll: dll.out() } });
  });
  assert.deepEqual(findings, []);
});
