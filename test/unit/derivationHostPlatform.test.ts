import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inferHostPlatform } from '../../server/src/derivation/hostPlatform.ts';
import type { CrossFlags } from '../../server/src/derivation/parsedDerivation.ts';
import { systemOfTriple } from '../../server/src/derivation/triples.ts';

const systems: Readonly<Record<string, string | undefined>> = {
  'x86_64-unknown-linux-gnu': 'x86_64-linux',
  'x86_64-unknown-linux-musl': 'x86_64-linux',
  'x86_64-unknown-linux-gnux32': 'x86_64-linux',
  'i686-pc-linux-gnu': 'i686-linux',
  'aarch64-unknown-linux-gnu': 'aarch64-linux',
  'aarch64-unknown-linux-android': 'aarch64-linux',
  'armv7l-unknown-linux-gnueabihf': 'armv7l-linux',
  'armv7-unknown-linux-gnueabihf': 'armv7l-linux',
  'riscv64gc-unknown-linux-gnu': 'riscv64-linux',
  'armv6l-unknown-linux-musleabihf': 'armv6l-linux',
  'riscv64-unknown-linux-gnu': 'riscv64-linux',
  'powerpc64le-unknown-linux-gnu': 'powerpc64le-linux',
  'x86_64-apple-darwin': 'x86_64-darwin',
  'arm64-apple-darwin20.3': 'aarch64-darwin',
  'x86_64-w64-mingw32': 'x86_64-windows',
  'wasm32-unknown-wasi': 'wasm32-wasi',
  'arm-none-eabi': 'arm-none',
  'msp430-elf': 'msp430-none',
  avr: 'avr-none',
  'js-unknown-ghcjs': 'javascript-ghcjs',
  'x86_64-linux': 'x86_64-linux',
  'hello-2.12': undefined,
  linux: undefined,
};

for (const [triple, system] of Object.entries(systems)) {
  test(`${triple} is ${system ?? 'no triple'}`, () => {
    assert.equal(systemOfTriple(triple), system);
  });
}

function infer(name: string, crossFlags: Partial<CrossFlags> | undefined, changes = {}): string {
  const host = inferHostPlatform(
    {
      builder: '/bin/sh',
      outputs: [{ name: 'out', path: '/x', fixedOutput: false }],
      system: 'x86_64-linux',
      hasStdenv: true,
      isStdenv: false,
      crossFlags: crossFlags && { mesonCrossFile: false, ...crossFlags },
      targetSigns: undefined,
      ...changes,
    },
    name,
  );
  return host.kind === 'system' ? `${host.system} ${host.certainty}` : host.reason;
}

const gnu = 'x86_64-unknown-linux-gnu';
const aarch64 = 'aarch64-unknown-linux-gnu';

for (const [what, actual, expected] of [
  ['a native derivation', infer('hello-2.12', undefined), 'x86_64-linux inferred'],
  ['one without stdenv', infer('stdenv', undefined, { hasStdenv: false }), 'x86_64-linux assumed'],
  ['a builtin builder', infer('src', undefined, { builder: 'builtin:fetchurl' }), 'builtin'],
  [
    'a builder that is only named builtin',
    infer('src', undefined, { builder: '/bin/builtin', system: 'builtin', hasStdenv: false }),
    'builtin assumed',
  ],
  [
    'a fixed output',
    infer('src', undefined, { outputs: [{ name: 'out', fixedOutput: true }] }),
    'fixed-output',
  ],
  ['--host alone', infer('gcc-9', { configureHost: aarch64 }), 'x86_64-linux inferred'],
  [
    'equal --host and --build',
    infer('gcc-9', { configureHost: gnu, configureBuild: gnu }),
    'x86_64-linux inferred',
  ],
  [
    '--host and --build that differ',
    infer('hello-2.12', { configureHost: aarch64, configureBuild: gnu }),
    'aarch64-linux inferred',
  ],
  [
    'a triple at the end of the name before --host',
    infer('hello-2.12-armv7l-unknown-linux-gnueabihf', { configureHost: aarch64, configureBuild: gnu }),
    'armv7l-linux inferred',
  ],
  [
    'a triple within the name',
    infer(`hello-${aarch64}-2.12`, { cmakeSystemName: 'Linux', mesonCrossFile: true }),
    'aarch64-linux inferred',
  ],
  [
    'a triple at the front of the name, which is the target',
    infer(`${aarch64}-binutils-2.31`, undefined),
    'x86_64-linux inferred',
  ],
  [
    'a compiler built for aarch64 that compiles for armv7l',
    infer(`armv7l-unknown-linux-gnueabihf-gcc-${aarch64}`, { mesonCrossFile: true }),
    'aarch64-linux inferred',
  ],
  [
    'a package in Go for aarch64',
    infer('gotop-4.0', undefined, { targetSigns: { goArchitecture: 'arm64', goSystem: 'linux' } }),
    'aarch64-linux inferred',
  ],
  [
    'a native package in Go',
    infer('gotop-4.0', undefined, { targetSigns: { goArchitecture: 'amd64', goSystem: 'linux' } }),
    'x86_64-linux inferred',
  ],
  [
    'a package in Go for a 32-bit ARM, which are several',
    infer('gotop-4.0', undefined, { targetSigns: { goArchitecture: 'arm', goSystem: 'linux' } }),
    'unknown assumed',
  ],
  [
    'a native package in Go on a 32-bit ARM',
    infer('gotop-4.0', undefined, {
      system: 'armv7l-linux',
      targetSigns: { goArchitecture: 'arm', goSystem: 'linux' },
    }),
    'armv7l-linux inferred',
  ],
  [
    'a Go compiler for aarch64',
    infer('go-1.15', undefined, {
      targetSigns: {
        bootstrapsGo: true,
        goHostArchitecture: 'amd64',
        goArchitecture: 'arm64',
        goSystem: 'linux',
      },
    }),
    'x86_64-linux inferred',
  ],
  [
    'CMake alone',
    infer('x', { cmakeSystemName: 'Windows', cmakeSystemProcessor: 'x86_64' }),
    'x86_64-windows inferred',
  ],
  [
    'CMake for bare metal',
    infer('x', { cmakeSystemName: 'Generic', cmakeSystemProcessor: 'arm' }),
    'arm-none inferred',
  ],
  ['a Meson cross file of its own', infer('dbus-1.16', { mesonCrossFile: true }), 'x86_64-linux inferred'],
  [
    'a Meson cross file and a name for elsewhere',
    infer(`dbus-${aarch64}-1.16`, { mesonCrossFile: true }),
    'aarch64-linux inferred',
  ],
] as const) {
  test(`${what}: ${expected}`, () => {
    assert.equal(actual, expected);
  });
}
