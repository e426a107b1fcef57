import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildFaultsOf } from '../support/buildFaults.ts';
import { cross, native } from '../support/scriptFindings.ts';
import { SyntheticStore, type StoredDerivation } from '../support/syntheticStore.ts';

/** What is told of a cross-compiled package with these variables, and the line that shows it; `@input@`: the first input. */
async function told(
  env: Readonly<Record<string, string>>,
  inputs: (store: SyntheticStore) => readonly (readonly [string, StoredDerivation])[] = () => [],
): Promise<string[]> {
  using store = new SyntheticStore();
  const given = inputs(store);
  const lists = Object.fromEntries(given.map(([role, input]) => [role, input.out()]));
  const first = given[0]?.[1].out() ?? '';
  const named = Object.fromEntries(
    Object.entries(env).map(([name, text]) => [name, text.replaceAll('@input@', first)]),
  );
  return await buildFaultsOf(
    store,
    { ...cross, ...lists, ...named },
    given.map(([, input]) => input),
  );
}

const wrong = (variable: string, text: string): string[] => [
  `warning missing-compiler: ${variable}: ${text}`,
];

const buildCompiler = (role: string) => (store: SyntheticStore) =>
  [
    [
      role,
      store.add({ name: 'gcc-wrapper-9.3.0', env: { ...native, suffixSalt: 'x86_64_unknown_linux_gnu' } }),
    ],
  ] as const;

const lacking: readonly (readonly [what: string, variable: string, script: string])[] = [
  ['a compiler by its bare name', 'buildPhase', 'gcc gen.c -o gen'],
  ['the same by the name that POSIX gives it', 'preBuild', 'cc -c x.c'],
  ['binutils by their bare names', 'installPhase', 'strip $out/bin/x'],
  ['a compiler that another program starts', 'buildPhase', 'env -i gcc x.c'],
  ['a variable that nothing sets', 'buildPhase', '$CC_FOR_BUILD gen.c'],
  ['a bare name in a flag', 'makeFlags', 'CC=gcc'],
  ['a bare name for make itself', 'buildPhase', 'make CC=gcc'],
  ['a bare name in a variable', 'preBuild', 'export CC=gcc'],
  ['crates, which are linked by cc', 'buildPhase', 'cargo build --release'],
];

for (const [what, variable, script] of lacking) {
  test(`a build needs ${what}, and has none`, async () => {
    assert.deepEqual(await told({ [variable]: script }), wrong(variable, script));
    assert.deepEqual(await told({ [variable]: script }, buildCompiler('depsBuildBuild')), []);
    assert.deepEqual(await told({ [variable]: script }, buildCompiler('nativeBuildInputs')), []);
  });
}

test('a program that make has just made by its name', async () => {
  const script = 'make jam0\n./jam0 -j2 install';
  assert.deepEqual(await told({ buildPhase: script }), wrong('buildPhase', './jam0 -j2 install'));
  assert.deepEqual(await told({ buildPhase: script }, buildCompiler('depsBuildBuild')), []);
  for (const right of [
    'make configure; ./configure',
    'make CC=$BUILD_CC gen; ./gen',
    'make gen.sh; ./gen.sh',
    'CC=$BUILD_CC make gen; ./gen',
    'export CC=$BUILD_CC; make gen; ./gen',
    'CC=$BUILD_CC; $CC gen.c -o gen; ./gen',
    'make gen; ./other; gen',
    'make gen; ./gen || true',
  ])
    assert.deepEqual(await told({ buildPhase: right }), [], right);
});

test('what a flag names for the build itself may never be started', async () => {
  for (const flag of ['HOSTCC=gcc', 'HOSTCC=$(CC_FOR_BUILD)', 'BUILD_CC=cc']) {
    assert.deepEqual(await told({ makeFlags: flag }), [`info missing-compiler: makeFlags: ${flag}`]);
    assert.deepEqual(await told({ makeFlags: flag }, buildCompiler('depsBuildBuild')), []);
  }
  const script = 'export CC=$CC_FOR_BUILD\ngo run build.go';
  assert.deepEqual(await told({ buildPhase: script }), [
    'info missing-compiler: buildPhase: export CC=$CC_FOR_BUILD',
  ]);
});

test('a program that the compiler for the host platform has just made', async () => {
  const script = '$CC gen.c -o gen; ./gen > table.h';
  assert.deepEqual(await told({ buildPhase: script }), wrong('buildPhase', script));
  // A compiler for the build platform does not help: another one was used.
  assert.deepEqual(
    await told({ buildPhase: script }, buildCompiler('depsBuildBuild')),
    wrong('buildPhase', script),
  );
  for (const right of [
    '$CC gen.c -o gen; cp gen $out/bin',
    '$CC -c gen.c -o gen; ./gen',
    '$CC -shared gen.c -o gen.so; ./gen.so',
    '$CC gen.c -o gen; qemu-aarch64 ./gen',
    '$CC gen.c -o gen; ./gen || true',
    'CC=/bin/own-cc; $CC gen.c -o gen; ./gen',
  ])
    assert.deepEqual(await told({ buildPhase: right }), [], right);
});

test('what is no need of a compiler', async () => {
  for (const script of [
    '$CC x.c -o x',
    'echo gcc',
    'gcc() { $CC "$@"; }\ngcc x.c',
    'if command -v gcc; then true; fi',
    'gcc x.c || true',
    'gcc x.c || echo none',
    'if cc x.c; then true; elif gcc x.c; then true; fi',
    'if ! cc x.c; then true; fi',
    'export PATH=$PWD/own:$PATH\ngcc x.c',
    'make HOSTCC=${CC_FOR_BUILD:-none}',
    'CC_FOR_BUILD=own\n$CC_FOR_BUILD x.c',
    'if [ -n "$CC_FOR_BUILD" ]; then $CC_FOR_BUILD x.c; fi',
    'substituteInPlace Makefile --replace gcc "$CC"',
    'cat > x <<EOF\ngcc x.c\nEOF',
    'cargo fetch',
  ])
    assert.deepEqual(await told({ buildPhase: script }), [], script);
  assert.deepEqual(await told({ makeFlags: 'CC=aarch64-unknown-linux-gnu-gcc HOSTCC=/nix/x/bin/gcc' }), []);
  assert.deepEqual(await told({ buildPhase: '$CC_FOR_BUILD x.c', CC_FOR_BUILD: 'own' }), []);
});

test('binutils from another package', async () => {
  const script = 'readelf -h x';
  const other = (store: SyntheticStore): readonly (readonly [string, StoredDerivation])[] => [
    [
      'nativeBuildInputs',
      store.add({ name: 'own-tools-1', env: { ...native, NIX_MAIN_PROGRAM: 'readelf' } }),
    ],
  ];
  assert.deepEqual(await told({ buildPhase: script }), wrong('buildPhase', script));
  assert.deepEqual(await told({ buildPhase: script }, other), []);
});

test('a native build has its compiler', async () => {
  using store = new SyntheticStore();
  assert.deepEqual(await buildFaultsOf(store, { ...native, buildPhase: 'gcc x.c -o x; ./x' }), []);
});

test('a compiler for another platform has that platform before the names of its programs', async () => {
  const compiler = (name: string) => (store: SyntheticStore) =>
    [
      ['nativeBuildInputs', store.add({ name, env: { ...native, suffixSalt: 'aarch64_unknown_linux_gnu' } })],
    ] as const;
  const foreign = compiler('aarch64-unknown-linux-gnu-stage-final-gcc-debug-wrapper-9.3.0');
  for (const [variable, text] of [
    ['makeFlags', 'CC=@input@/bin/cc LD=x'],
    ['buildPhase', '@input@/bin/gcc x.c'],
    ['preBuild', 'make CC=@input@/bin/cc'],
  ] as const)
    assert.equal((await told({ [variable]: text }, foreign)).length, 1, variable);
  for (const [variable, text] of [
    ['makeFlags', 'CC=@input@/bin/aarch64-unknown-linux-gnu-cc'],
    ['buildPhase', 'ls @input@/lib'],
    ['note', '@input@/bin/cc'],
    ['postInstall', 'substituteInPlace $out/Makefile.global --replace @input@/bin/ld ld'],
    ['postInstall', 'sed -i "s|@input@/bin/cc|cc|" $out/config'],
  ] as const)
    assert.deepEqual(await told({ [variable]: text }, foreign), [], variable);
  const makeFlags = 'CC=@input@/bin/cc';
  assert.equal(
    (await told({ makeFlags }, compiler('aarch64-unknown-linux-gnu-gcc-wrapper-14.3.0'))).length,
    1,
  );
  assert.deepEqual(await told({ makeFlags }, compiler('gcc-wrapper-14.3.0')), []);
});
