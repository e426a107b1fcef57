import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EdgeRole } from '../../server/src/model/derivation.ts';
import { edgeRoles } from '../../server/src/model/derivation.ts';
import type { DerivationSpec, StoredDerivation, SyntheticStore } from '../support/syntheticStore.ts';
import { judge, linux } from '../support/closure.ts';

const aarch64 = { configureFlags: '--build=x86_64-unknown-linux-gnu --host=aarch64-unknown-linux-gnu' };
const hookOnly = { buildCommand: 'mkdir -p $out/nix-support\ncp hook.sh $out/nix-support/setup-hook\n' };

/** A consumer made by `mkDerivation`, with one input in a role. */
function use(
  store: SyntheticStore,
  role: EdgeRole,
  input: StoredDerivation,
  consumer: Partial<DerivationSpec> = {},
): StoredDerivation {
  const { env, ...rest } = consumer;
  const place =
    role === 'builder'
      ? { builder: `${input.out()}/bin/sh` }
      : role === 'args'
        ? { args: [input.out()] }
        : { env: { [role === 'reference' ? 'text' : role]: input.out() } };
  const ownEnv = role === 'stdenv' ? {} : { stdenv: '/none' };
  return store.add({
    name: 'consumer',
    inputs: [input],
    ...place,
    ...rest,
    env: { ...ownEnv, ...place.env, ...env },
  });
}

const ruleOf: Readonly<Record<EdgeRole, string>> = {
  builder: 'build-platform',
  args: 'build-platform',
  stdenv: 'build-platform',
  depsBuildBuild: 'build-platform',
  nativeBuildInputs: 'build-platform',
  depsBuildTarget: 'build-platform',
  depsHostHost: 'host-platform',
  buildInputs: 'host-platform',
  depsTargetTarget: 'target-platform',
  depsBuildBuildPropagated: 'build-platform',
  propagatedNativeBuildInputs: 'build-platform',
  depsBuildTargetPropagated: 'build-platform',
  depsHostHostPropagated: 'host-platform',
  propagatedBuildInputs: 'host-platform',
  depsTargetTargetPropagated: 'target-platform',
  reference: 'plain-reference',
};

for (const role of edgeRoles) {
  const rule = ruleOf[role];
  test(`a native input of another kernel is an error as ${role}`, async () => {
    const { findings, judgement } = await judge((store) =>
      use(store, role, store.add({ name: 'input', system: 'x86_64-darwin', env: { stdenv: '/none' } })),
    );
    assert.deepEqual(findings, [`error ${rule}: consumer → input`]);
    const edge = judgement.leaks[0]?.edges[0];
    assert.deepEqual(edge?.needs, ['x86_64-linux']);
    assert.equal(edge.runsOn, 'x86_64-darwin');
    assert.deepEqual(edge.roles, [role]);
    assert.equal(
      edge.explanation,
      'input is built for x86_64-darwin, but consumer is built on and for x86_64-linux',
    );
  });

  test(`a native input of the same system is no finding as ${role}`, async () => {
    const { findings } = await judge((store) => use(store, role, store.add({ name: 'input' })));
    assert.deepEqual(findings, []);
  });
}

/** Where a cross-compiled consumer may have what is built for its host, and what is built for its build platform. */
const crossPlaces: Readonly<Record<string, readonly [hostInput: string, buildInput: string]>> = {
  nativeBuildInputs: ['warning build-platform', ''],
  depsBuildBuild: ['warning build-platform', ''],
  depsBuildTarget: ['warning build-platform', ''],
  stdenv: ['warning build-platform', ''],
  builder: ['warning build-platform', ''],
  buildInputs: ['', 'warning host-platform'],
  depsHostHost: ['', 'warning host-platform'],
  propagatedBuildInputs: ['', 'warning host-platform'],
  propagatedNativeBuildInputs: ['warning build-platform', ''],
  depsTargetTarget: ['', ''],
  reference: ['', ''],
};

for (const role of edgeRoles.filter((role) => role in crossPlaces)) {
  const [forHost, forBuild] = crossPlaces[role] ?? ['', ''];
  test(`cross-compiled, ${role} has ${forHost || 'nothing'} against host and ${forBuild || 'nothing'} against build inputs`, async () => {
    for (const [env, expected] of [
      [{ stdenv: '/none', ...aarch64 }, forHost],
      [{ stdenv: '/none' }, forBuild],
    ] as const) {
      const { findings } = await judge((store) =>
        use(store, role, store.add({ name: 'input', env }), { env: aarch64 }),
      );
      assert.deepEqual(findings, expected === '' ? [] : [`${expected}: consumer → input`]);
    }
  });
}

const forDarwin = { stdenv: '/none', suffixSalt: 'x86_64_apple_darwin' };

for (const [what, expected, compiler, input] of [
  [
    'of a compiler for aarch64, what runs there',
    [],
    { suffixSalt: 'aarch64_unknown_linux_gnu' },
    { env: { stdenv: '/none', ...aarch64 } },
  ],
  [
    'of a compiler for aarch64, what runs where it is built',
    ['warning target-platform: consumer → input'],
    { suffixSalt: 'aarch64_unknown_linux_gnu' },
    { env: { stdenv: '/none' } },
  ],
  [
    'of a compiler for aarch64, what somebody else makes',
    [],
    { suffixSalt: 'aarch64_unknown_linux_gnu' },
    {},
  ],
  [
    'of a native compiler, what is for aarch64',
    ['warning target-platform: consumer → input'],
    { suffixSalt: 'x86_64_unknown_linux_gnu' },
    { env: { stdenv: '/none', ...aarch64 } },
  ],
  [
    'of a compiler for darwin, what darwin builds',
    [],
    forDarwin,
    { system: 'x86_64-darwin', env: { stdenv: '/none' } },
  ],
  [
    'of a compiler for darwin, what another darwin builds',
    ['error target-platform: consumer → input'],
    forDarwin,
    { system: 'aarch64-darwin', env: { stdenv: '/none' } },
  ],
  ['of what names no target platform, anything of the same kernel', [], {}, { system: 'aarch64-linux' }],
] satisfies [string, string[], Record<string, string>, Partial<DerivationSpec>][]) {
  test(`depsTargetTarget ${what}: ${expected.join() || 'no finding'}`, async () => {
    const { findings } = await judge((store) =>
      use(store, 'depsTargetTarget', store.add({ name: 'input', ...input }), { env: compiler }),
    );
    assert.deepEqual(findings, expected);
  });
}

test('a setup hook for the build platform among the inputs for the host platform is a note', async () => {
  const { findings } = await judge((store) =>
    use(store, 'buildInputs', store.add({ name: 'hook', env: { stdenv: '/none', ...hookOnly } }), {
      env: aarch64,
    }),
  );
  assert.deepEqual(findings, ['info host-platform: consumer → hook']);
});

for (const [what, expected, write] of [
  [
    'a derivation without stdenv, built for another system',
    ['error plain-reference: consumer → input'],
    (store) => use(store, 'reference', store.add({ name: 'input', system: 'x86_64-darwin' })),
  ],
  [
    'a foreign input of a cross-compiled consumer',
    ['error plain-reference: consumer → input'],
    (store) =>
      use(store, 'reference', store.add({ name: 'input', system: 'x86_64-darwin' }), { env: aarch64 }),
  ],
  [
    'an input in a native slot that was built on the host platform',
    ['error build-platform: consumer → input'],
    (store) =>
      use(store, 'nativeBuildInputs', store.add({ name: 'input', system: 'aarch64-linux' }), {
        env: aarch64,
      }),
  ],
  [
    'an input built on and for the host platform, where that is needed',
    [],
    (store) =>
      use(store, 'buildInputs', store.add({ name: 'input', system: 'aarch64-linux' }), { env: aarch64 }),
  ],
  [
    'an input built on darwin for the platform that it runs on',
    [],
    (store) =>
      use(
        store,
        'buildInputs',
        store.add({
          name: 'input',
          system: 'x86_64-darwin',
          env: {
            stdenv: '/none',
            configureFlags: '--build=x86_64-apple-darwin --host=x86_64-unknown-linux-gnu',
          },
        }),
      ),
  ],
  [
    'what is built here for another platform and used as data',
    [],
    (store) => use(store, 'reference', store.add({ name: 'input', env: { stdenv: '/none', ...aarch64 } })),
  ],
  [
    'what is built elsewhere for another platform',
    ['warning plain-reference: consumer → input'],
    (store) =>
      use(
        store,
        'reference',
        store.add({ name: 'input', system: 'x86_64-darwin', env: { stdenv: '/none', ...aarch64 } }),
      ),
  ],
  [
    'a tool for another platform in a native build',
    ['warning build-platform: consumer → input'],
    (store) =>
      use(store, 'nativeBuildInputs', store.add({ name: 'input', env: { stdenv: '/none', ...aarch64 } })),
  ],
  [
    'a setup hook for the host platform in a native slot',
    ['info build-platform: consumer → hook'],
    (store) =>
      use(
        store,
        'nativeBuildInputs',
        store.add({ name: 'hook', env: { stdenv: '/none', ...aarch64, ...hookOnly } }),
        {
          env: aarch64,
        },
      ),
  ],
  [
    'the output of a cross-compiled perl that holds a perl for the build platform, beside its libraries',
    [],
    (store) => {
      const perl = store.add({
        name: 'perl-5.30.3',
        outputs: ['out', 'dev'],
        env: { stdenv: '/none', ...aarch64 },
      });
      const env = { ...aarch64, nativeBuildInputs: perl.out('dev'), buildInputs: perl.out() };
      return store.add({ name: 'consumer', inputs: [[perl, 'dev', 'out']], env });
    },
  ],
  [
    'the output of a cross-compiled perl that runs on the host platform',
    ['warning build-platform: consumer → perl-5.30.3'],
    (store) =>
      use(
        store,
        'nativeBuildInputs',
        store.add({ name: 'perl-5.30.3', env: { stdenv: '/none', ...aarch64 } }),
        {
          env: aarch64,
        },
      ),
  ],
  [
    'an input that is cross-compiled for nobody knows what',
    [],
    (store) =>
      use(
        store,
        'nativeBuildInputs',
        store.add({ name: 'input', env: { stdenv: '/none', mesonFlags: '--cross-file=x' } }),
      ),
  ],
  [
    'an input without stdenv where something for the host platform is needed',
    [],
    (store) => use(store, 'buildInputs', store.add({ name: 'input' }), { env: aarch64 }),
  ],
  [
    'the worst of two roles counts, and one that is satisfied does not save the other',
    ['warning host-platform: consumer → input'],
    (store) => {
      const input = store.add({ name: 'input', env: { stdenv: '/none' } });
      return use(store, 'nativeBuildInputs', input, { env: { ...aarch64, buildInputs: input.out() } });
    },
  ],
  [
    'a builtin builder as an input',
    [],
    (store) =>
      use(store, 'reference', store.add({ name: 'input', system: 'builtin', builder: 'builtin:fetchurl' })),
  ],
  [
    'a builtin builder as a consumer',
    [],
    (store) =>
      use(store, 'reference', store.add({ name: 'input', system: 'x86_64-darwin' }), {
        builder: 'builtin:buildenv',
      }),
  ],
  [
    'a fixed-output input of another system',
    ['info fixed-output: consumer → input'],
    (store) =>
      use(
        store,
        'reference',
        store.add({ name: 'input', system: 'x86_64-darwin', outputHash: ['sha256', '00'] }),
      ),
  ],
  [
    'a fixed-output input of a compatible system',
    [],
    (store) =>
      use(
        store,
        'reference',
        store.add({ name: 'input', system: 'i686-linux', outputHash: ['sha256', '00'] }),
      ),
  ],
  [
    'a fixed-output consumer, whose tools still run somewhere',
    ['error build-platform: consumer → input'],
    (store) =>
      use(store, 'builder', store.add({ name: 'input', system: 'x86_64-darwin' }), {
        outputHash: ['sha256', '00'],
      }),
  ],
  [
    'i686-linux on x86_64-linux',
    [],
    (store) => use(store, 'buildInputs', store.add({ name: 'input', system: 'i686-linux' })),
  ],
  [
    'x86_64-linux on i686-linux',
    ['error host-platform: consumer → input'],
    (store) => use(store, 'buildInputs', store.add({ name: 'input' }), { system: 'i686-linux' }),
  ],
  [
    'x86_64-darwin on aarch64-darwin, by Rosetta',
    ['info emulation: consumer → input'],
    (store) =>
      use(store, 'buildInputs', store.add({ name: 'input', system: 'x86_64-darwin' }), {
        system: 'aarch64-darwin',
      }),
  ],
  [
    'aarch64-darwin on x86_64-darwin',
    ['error host-platform: consumer → input'],
    (store) =>
      use(store, 'buildInputs', store.add({ name: 'input', system: 'aarch64-darwin' }), {
        system: 'x86_64-darwin',
      }),
  ],
] satisfies readonly (readonly [string, readonly string[], (store: SyntheticStore) => StoredDerivation])[]) {
  test(`${what}: ${expected.join() || 'no finding'}`, async () => {
    assert.deepEqual((await judge(write)).findings, expected);
  });
}

test('extra platforms hold for this machine and for no other', async () => {
  const context = { ...linux, extraPlatforms: ['aarch64-linux'] };
  const write =
    (system: string) =>
    (store: SyntheticStore): StoredDerivation =>
      use(store, 'buildInputs', store.add({ name: 'input', system: 'aarch64-linux' }), { system });
  assert.deepEqual((await judge(write('x86_64-linux'), context)).findings, [
    'info emulation: consumer → input',
  ]);
  assert.deepEqual((await judge(write('riscv64-linux'), context)).findings, [
    'error host-platform: consumer → input',
  ]);
});

test('explanations of what is only inferred name the role and both platforms', async () => {
  const { judgement } = await judge((store) =>
    use(store, 'nativeBuildInputs', store.add({ name: 'perl', env: { stdenv: '/none', ...aarch64 } }), {
      env: aarch64,
    }),
  );
  assert.equal(
    judgement.leaks[0]?.edges[0]?.explanation,
    'perl is built on x86_64-linux for aarch64-linux, but consumer needs it (nativeBuildInputs) while it is built on x86_64-linux',
  );
});
