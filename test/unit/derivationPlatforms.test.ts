import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDerivation } from '../../server/src/derivation/aterm.ts';
import { withEvaluated } from '../../server/src/derivation/evaluatedPlatforms.ts';
import { inferHostPlatform } from '../../server/src/derivation/hostPlatform.ts';
import { decodeDerivation } from '../../server/src/derivation/decodeDerivation.ts';
import { inferTargetPlatform } from '../../server/src/derivation/targetPlatform.ts';
import type { Derivation, EdgeRole, InputEdge } from '../../server/src/model/derivation.ts';

const path = (name: string): string => `/nix/store/${'a'.repeat(32)}-${name}`;
const stdenv = { stdenv: path('stdenv-linux') };

/** A .drv file with these variables, as Nix writes it. */
function drvText(env: Readonly<Record<string, string>>): string {
  const variables = Object.entries(env).map(
    ([name, value]) => `(${JSON.stringify(name)},${JSON.stringify(value)})`,
  );
  return `Derive([("out","${path('x')}","","")],[],[],"x86_64-linux","/bin/sh",[],[${variables.join(',')}])`;
}

/** Host and target platform as they are inferred from a .drv of that name. */
function infer(name: string, env: Readonly<Record<string, string>>): string {
  const parsed = parseDerivation(Buffer.from(drvText(env)), path(`${name}.drv`));
  const host = inferHostPlatform(parsed, name);
  const target = inferTargetPlatform(parsed, name);
  const hostText = host.kind === 'system' ? `${host.system} ${host.certainty}` : host.reason;
  return target === undefined ? hostText : `${hostText}, target ${target.system}`;
}

const cross = { mesonFlags: '--cross-file=/cross.conf', cmakeFlags: '-DCMAKE_SYSTEM_NAME=Linux' };
const gcc = { ...stdenv, configureFlags: '--build=x86_64-unknown-linux-gnu --host=x86_64-unknown-linux-gnu' };

for (const [what, name, env, expected] of [
  [
    'a stdenv itself',
    'stdenv-linux',
    { setup: path('setup.sh'), initialPath: path('bash') },
    'x86_64-linux inferred',
  ],
  ['bootstrap tools', 'bootstrap-tools', { tarball: path('t.tar.xz') }, 'x86_64-linux inferred'],
  ['what has but a setup', 'tools', { setup: path('setup.sh') }, 'x86_64-linux assumed'],
  ['a call of derivation itself', 'own', { suffixSalt: 'aarch64_unknown_linux_gnu' }, 'x86_64-linux assumed'],
  ['a package', 'hello-2.12', stdenv, 'x86_64-linux inferred'],
  [
    'the wrapper of a native compiler',
    'gcc-wrapper-13',
    { ...stdenv, suffixSalt: 'x86_64_unknown_linux_gnu' },
    'x86_64-linux inferred, target x86_64-linux',
  ],
  [
    'the wrapper of a cross compiler',
    'aarch64-unknown-linux-gnu-gcc-wrapper-13',
    { ...stdenv, suffixSalt: 'aarch64_unknown_linux_gnu', targetPrefix: 'aarch64-unknown-linux-gnu-' },
    'x86_64-linux inferred, target aarch64-linux',
  ],
  [
    'its name in old package sets',
    'armv7l-unknown-linux-gnueabihf-gcc-wrapper-7.3.0',
    { ...stdenv, infixSalt: 'armv7l_unknown_linux_gnueabihf' },
    'x86_64-linux inferred, target armv7l-linux',
  ],
  [
    'a wrapper for Windows',
    'wrapper',
    { ...stdenv, suffixSalt: 'x86_64_w64_mingw32' },
    'x86_64-linux inferred, target x86_64-windows',
  ],
  [
    'a cross-compiled compiler for the platform that it runs on',
    'gcc-wrapper-13-aarch64-unknown-linux-gnu',
    { ...stdenv, ...cross, suffixSalt: 'aarch64_unknown_linux_gnu' },
    'aarch64-linux inferred, target aarch64-linux',
  ],
  [
    'a compiler without its wrapper',
    'gcc-13',
    { ...gcc, configureFlags: `${gcc.configureFlags} --target=riscv64-unknown-linux-gnu` },
    'x86_64-linux inferred, target riscv64-linux',
  ],
  ['a name alone', 'arm-none-eabi-binutils-2.44', stdenv, 'x86_64-linux inferred, target arm-none'],
  [
    'rustc, which lists platforms',
    'rustc-1.45',
    {
      ...stdenv,
      configureFlags: `${gcc.configureFlags} --target=x86_64-unknown-linux-gnu,aarch64-unknown-linux-gnu`,
    },
    'x86_64-linux inferred, target aarch64-linux',
  ],
  [
    'a flag that is no triple',
    'libvpx-1.8',
    { ...gcc, configureFlags: `${gcc.configureFlags} --target=arm64-linux-gcc --target_os=linux` },
    'x86_64-linux inferred',
  ],
  [
    'who is told the host platform as a target',
    'rhash-1.4.6',
    { ...stdenv, configureFlags: '--target=x86_64-unknown-linux-gnu' },
    'x86_64-linux inferred',
  ],
  [
    'a Go compiler',
    'go-1.22',
    {
      ...stdenv,
      GOOS: 'linux',
      GOARCH: 'arm64',
      GOHOSTARCH: 'amd64',
      GOROOT_BOOTSTRAP: path('go-bootstrap'),
    },
    'x86_64-linux inferred, target aarch64-linux',
  ],
  [
    'a Go compiler of before',
    'go-1.9-aarch64-unknown-linux-gnu',
    { ...stdenv, GOOS: 'linux', GOARCH: 'amd64', GOROOT_BOOTSTRAP: path('go-bootstrap') },
    'x86_64-linux inferred',
  ],
  [
    'what is built with Go',
    'govers-1',
    { ...stdenv, GOOS: 'linux', GOARCH: 'amd64', GOHOSTARCH: 'amd64' },
    'x86_64-linux inferred',
  ],
  [
    'old and without any flag, but for its name',
    'zlib-1.2.11-aarch64-unknown-linux-gnu',
    { ...stdenv, configurePlatforms: '' },
    'aarch64-linux inferred',
  ],
  [
    'native and without any flag, with the name of another platform',
    'rust-std-1.45-aarch64-unknown-linux-gnu',
    stdenv,
    'x86_64-linux inferred',
  ],
  [
    'native and old, without any flag',
    'zlib-1.2.11',
    { ...stdenv, configurePlatforms: '' },
    'x86_64-linux inferred',
  ],
  [
    'little-endian POWER, as uname writes it',
    'hook',
    { ...stdenv, cmakeFlags: '-DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=ppc64le' },
    'powerpc64le-linux inferred',
  ],
] satisfies [string, string, Record<string, string>, string][]) {
  test(`${what}: ${expected}`, () => {
    assert.equal(infer(name, env), expected);
  });
}

test('structured attributes say the same, in a .drv and in the JSON of every Nix', () => {
  const attributes = {
    ...stdenv,
    cmakeFlags: ['-DCMAKE_SYSTEM_NAME=Linux', '-DCMAKE_SYSTEM_PROCESSOR=aarch64'],
    env: { suffixSalt: 'riscv64_unknown_linux_gnu' },
  };
  const drvPath = path('x.drv');
  const json = { outputs: {}, inputDrvs: {}, system: 'x86_64-linux', builder: '/bin/sh', args: [] };
  const __json = JSON.stringify(attributes);
  for (const parsed of [
    parseDerivation(Buffer.from(drvText({ __json })), drvPath),
    decodeDerivation({ [drvPath]: { ...json, env: { __json } } }, drvPath),
    decodeDerivation({ [drvPath]: { ...json, env: {}, structuredAttrs: attributes } }, drvPath),
  ]) {
    const host = inferHostPlatform(parsed, 'x');
    assert.deepEqual(host, { kind: 'system', system: 'aarch64-linux', certainty: 'inferred' });
    assert.deepEqual(inferTargetPlatform(parsed, 'x'), { system: 'riscv64-linux', certainty: 'inferred' });
  }
});

const aarch64 = { kind: 'system', system: 'aarch64-linux', certainty: 'inferred' } as const;
const compiler: Derivation = {
  id: 0,
  drvPath: path('gcc.drv'),
  name: 'gcc',
  system: 'x86_64-linux',
  host: aarch64,
  builtin: false,
  fixedOutput: false,
  outputs: [],
  requiredSystemFeatures: [],
  preferLocalBuild: false,
  allowSubstitutes: true,
};
const evaluated = { build: 'x86_64-linux', host: 'aarch64-linux', target: 'armv7l-linux' };
const inputAs = (role: EdgeRole): InputEdge[] => [{ input: 1, roles: [role], outputs: ['out'] }];

for (const [what, actual, host, target] of [
  ['what agrees is sure', withEvaluated(compiler, evaluated, []), 'aarch64-linux evaluated', 'none'],
  [
    'what was assumed is known',
    withEvaluated(
      { ...compiler, host: { ...aarch64, system: 'unknown', certainty: 'assumed' } },
      evaluated,
      [],
    ),
    'aarch64-linux evaluated',
    'none',
  ],
  [
    'a derivation that says another thing keeps it',
    withEvaluated({ ...compiler, host: { ...aarch64, system: 'i686-linux' } }, evaluated, []),
    'i686-linux inferred',
    'none',
  ],
  [
    'the stdenv of another machine says nothing',
    withEvaluated(compiler, { ...evaluated, build: 'x86_64-darwin' }, inputAs('depsTargetTarget')),
    'aarch64-linux inferred',
    'none',
  ],
  [
    'content that is fixed has no host platform',
    withEvaluated({ ...compiler, host: { kind: 'neutral', reason: 'fixed-output' } }, evaluated, []),
    'fixed-output',
    'none',
  ],
  [
    'inputs for the target platform make a compiler',
    withEvaluated(compiler, evaluated, inputAs('depsTargetTarget')),
    'aarch64-linux evaluated',
    'armv7l-linux evaluated',
  ],
  [
    'inputs for the host platform do not',
    withEvaluated(compiler, evaluated, inputAs('buildInputs')),
    'aarch64-linux evaluated',
    'none',
  ],
  [
    'a target platform that is named otherwise stays',
    withEvaluated({ ...compiler, target: { system: 'arm-none', certainty: 'inferred' } }, evaluated, []),
    'aarch64-linux evaluated',
    'arm-none inferred',
  ],
] as const) {
  test(`evaluated platforms: ${what}`, () => {
    const own = actual.host;
    assert.equal(own.kind === 'system' ? `${own.system} ${own.certainty}` : own.reason, host);
    assert.equal(actual.target ? `${actual.target.system} ${actual.target.certainty}` : 'none', target);
  });
}
