import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DerivationSpec, StoredDerivation, SyntheticStore } from '../support/syntheticStore.ts';
import { judge, linux } from '../support/closure.ts';

const stdenv = { stdenv: '/none' };
const aarch64 = {
  ...stdenv,
  configureFlags: '--build=x86_64-unknown-linux-gnu --host=aarch64-unknown-linux-gnu',
};
const python = 'python3-3.7.8-aarch64-unknown-linux-gnu';

/** A cross-compiled consumer of these inputs. */
function consumerOf(
  store: SyntheticStore,
  inputs: NonNullable<DerivationSpec['inputs']>,
  env: Readonly<Record<string, string>>,
): StoredDerivation {
  return store.add({ name: 'consumer', inputs, env: { ...aarch64, ...env } });
}

const gccName = 'aarch64-unknown-linux-gnu-stage-final-gcc-debug-9.3.0';

/** A compiler that runs on the build platform and makes code for the host platform. */
function gcc(store: SyntheticStore): StoredDerivation {
  const env = { ...stdenv, configureFlags: '--target=aarch64-unknown-linux-gnu' };
  return store.add({ name: gccName, env, outputs: ['out', 'lib'] });
}

for (const [what, expected, write] of [
  [
    'a tool for the host platform, where the same one for the build platform is at hand',
    [`info build-platform: consumer → ${python}`],
    (store) => {
      const host = store.add({ name: python, env: aarch64 });
      const build = store.add({ name: 'python3-3.7.8', env: stdenv });
      const makeFlags = `PYTHON=${build.out()}/bin/python`;
      return consumerOf(store, [host, build], { nativeBuildInputs: host.out(), makeFlags });
    },
  ],
  [
    'a tool for the host platform, where another version for the build platform is at hand',
    [`warning build-platform: consumer → ${python}`],
    (store) => {
      const host = store.add({ name: python, env: aarch64 });
      const build = store.add({ name: 'python3-3.8.5', env: stdenv });
      return consumerOf(store, [host, build], { nativeBuildInputs: host.out(), text: build.out() });
    },
  ],
  [
    'a tool that another machine has to build, where the same one for the build platform is at hand',
    [`error build-platform: consumer → python3-3.7.8`],
    (store) => {
      const host = store.add({ name: 'python3-3.7.8', system: 'x86_64-darwin', env: stdenv });
      return consumerOf(store, [host], { nativeBuildInputs: host.out() });
    },
  ],
  [
    'the perl with which modules are built, of a package set that names the platform in the middle',
    [],
    (store) => {
      const outputs = ['out', 'mini'];
      const perl = store.add({ name: 'perl-aarch64-unknown-linux-gnu-5.42.0', env: aarch64, outputs });
      return consumerOf(store, [[perl, 'mini', 'out']], { nativeBuildInputs: perl.out('mini') });
    },
  ],
  [
    'a shell for the host platform, where the same one for the build platform only starts the build',
    ['warning build-platform: consumer → bash-4.4-aarch64-unknown-linux-gnu'],
    (store) => {
      const host = store.add({ name: 'bash-4.4-aarch64-unknown-linux-gnu', env: aarch64 });
      const build = store.add({ name: 'bash-4.4', env: stdenv });
      const env = { ...aarch64, nativeBuildInputs: host.out() };
      return store.add({
        name: 'consumer',
        builder: `${build.out()}/bin/bash`,
        inputs: [host, build],
        env,
      });
    },
  ],
  [
    'data for the host platform in the place of a tool',
    ['info build-platform: consumer → autoconf-archive-2019.01.06-aarch64-unknown-linux-gnu'],
    (store) => {
      const name = 'autoconf-archive-2019.01.06-aarch64-unknown-linux-gnu';
      const data = store.add({ name, env: aarch64 });
      return consumerOf(store, [data], { nativeBuildInputs: data.out() });
    },
  ],
  [
    'a compiler for the host platform among those that make programs for the build itself',
    ['info build-platform: consumer → aarch64-unknown-linux-gnu-gcc-wrapper-9.3.0'],
    (store) => {
      const name = 'aarch64-unknown-linux-gnu-gcc-wrapper-9.3.0';
      const compiler = store.add({ name, env: { ...stdenv, suffixSalt: 'aarch64_unknown_linux_gnu' } });
      return consumerOf(store, [compiler], { depsBuildBuild: compiler.out() });
    },
  ],
  [
    'a compiler for the build platform among them',
    [],
    (store) => {
      const env = { ...stdenv, suffixSalt: 'x86_64_unknown_linux_gnu' };
      const compiler = store.add({ name: 'gcc-wrapper-9.3.0', env });
      return consumerOf(store, [compiler], { depsBuildBuild: compiler.out() });
    },
  ],
  [
    'the libraries that a compiler has for what it makes',
    [],
    (store) => {
      const compiler = gcc(store);
      return consumerOf(store, [[compiler, 'lib']], { buildInputs: compiler.out('lib') });
    },
  ],
  [
    'a compiler that runs where its products are made',
    [`warning host-platform: consumer → ${gccName}`],
    (store) => {
      const compiler = gcc(store);
      return consumerOf(store, [[compiler, 'out', 'lib']], { buildInputs: compiler.out() });
    },
  ],
] satisfies readonly (readonly [string, readonly string[], (store: SyntheticStore) => StoredDerivation])[]) {
  test(`${what}: ${expected.join() || 'no finding'}`, async () => {
    assert.deepEqual((await judge(write)).findings, expected);
  });
}

test('what an emulator runs is told as that, and is no less wrong elsewhere', async () => {
  const { judgement } = await judge(
    (store) => {
      const perl = store.add({ name: 'perl', env: aarch64 });
      return consumerOf(store, [perl], { nativeBuildInputs: perl.out() });
    },
    { ...linux, extraPlatforms: ['aarch64-linux'] },
  );
  assert.equal(
    judgement.leaks[0]?.explanation,
    'perl is built on x86_64-linux for aarch64-linux and consumer needs it (nativeBuildInputs) while it is built on x86_64-linux, where it runs by an emulator only',
  );
});
