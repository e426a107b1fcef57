import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findFlagUses, findRunUses } from '../../server/src/shell/buildUses.ts';
import { WantedPaths } from '../../server/src/shell/wantedPaths.ts';
import { testShellParser } from '../support/parser.ts';

const foo = '/nix/store/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-foo-1.0';
const bar = '/nix/store/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb-bar-1.0';
const wanted = new WantedPaths('/nix/store', (path) => path === foo);

/** The uses of foo in a script as `kind line inner`; FOO and BAR in it are the two packages. */
async function usesIn(script: string, variable = 'buildPhase'): Promise<string[]> {
  const text = script.replaceAll('FOO', foo).replaceAll('BAR', bar);
  const given = new Map([['fooVariable', [`${foo}/bin/given`]]]);
  const uses = findRunUses([{ variable, text }], given, wanted, await testShellParser());
  return uses.map(({ kind, line, path }) => `${kind} ${line} ${path.inner}`);
}

const run = ['run 1 /bin/x'];

const cases: readonly [script: string, ...uses: string[]][] = [
  ['FOO/bin/x a', ...run],
  ['"FOO/bin/x" a', ...run],
  ['BAR/bin/x FOO/bin/x'],
  ['a\n\nb && FOO/bin/x | c', 'run 3 /bin/x'],
  ['a=$(FOO/bin/x -v); b="`FOO/bin/y`"', ...run, 'run 1 /bin/y'],
  ['if FOO/bin/x; then a; elif ! FOO/bin/y; then b; fi', ...run, 'run 1 /bin/y'],
  ['while FOO/bin/x; do a; done; case $a in b) FOO/bin/y;; esac', ...run, 'run 1 /bin/y'],
  ['f() {\n FOO/bin/x\n}', 'run 2 /bin/x'],
  ['A=1 FOO/bin/x', ...run],
  ['env -i A=1 FOO/bin/x', ...run],
  ['exec -a name FOO/bin/x', ...run],
  ['nice -n 10 time FOO/bin/x', ...run],
  ['command -v FOO/bin/x'],
  ['ls | xargs -0 -n 1 FOO/bin/x', ...run],
  ['find . -name "*.c" -exec FOO/bin/x {} \\; -print', ...run],
  ['timeout 10 FOO/bin/x', ...run],
  ["sh -ec 'a; FOO/bin/x'", ...run],
  ['a\nbash -c "\nFOO/bin/x $b"', 'run 3 /bin/x'],
  ['eval "FOO/bin/x"', ...run],
  ['bash <<EOF\nFOO/bin/x\nEOF', 'run 2 /bin/x'],
  ['FOO/bin/python setup.py', 'run 1 /bin/python'],
  ['diff <(FOO/bin/x a) b', ...run],
  ['echo "$(FOO/bin/x)" > $out/a', ...run],
  // Variables.
  ['tool=FOO/bin/x\n$tool a; "${tool}" b', 'run 2 /bin/x', 'run 2 /bin/x'],
  ['dir=FOO/bin; $dir/x', ...run],
  ['for tool in BAR/bin/a FOO/bin/x; do $tool b; done', ...run],
  ['$fooVariable a', 'run 1 /bin/given'],
  ['other=FOO/bin/x; $tool'],
  // Where programs are looked up.
  ['PATH=FOO/bin:$PATH x', 'search-path 1 /bin'],
  ['export PATH="$PATH:BAR/bin:FOO/bin"\n', 'search-path 1 /bin'],
  ['addToSearchPath PATH FOO/bin', 'search-path 1 /bin'],
  ['PATH=FOO/share:$PATH x'],
  ['export CPATH=FOO/include'],
  // Flags.
  ['make LEX=FOO/bin/flex', 'program-flag 1 /bin/flex'],
  ['./configure --with-x=FOO PKG_CONFIG=FOO/bin/pkg-config', 'program-flag 1 /bin/pkg-config'],
  ['cmake -DProtobuf_PROTOC_EXECUTABLE:FILEPATH=FOO/bin/protoc ..', 'program-flag 1 /bin/protoc'],
  ['export PYTHON=FOO/bin/python; PERL=FOO/bin/perl', 'program-flag 1 /bin/python'],
  ['makeFlagsArray+=(CC=FOO/bin/cc "X=FOO/bin/x")', 'program-flag 1 /bin/cc'],
  ['echo CC=FOO/bin/cc'],
  ['./configure PERL=FOO/bin/perl'],
  ['./configure CONFIG_SHELL=FOO/bin/bash SHELL=FOO/bin/bash', 'program-flag 1 /bin/bash'],
  // Only written.
  ['cat > a <<EOF\n#!FOO/bin/x\nFOO/bin/y\nEOF'],
  ["cat > a <<'EOF'\n$(FOO/bin/x)\nEOF"],
  ['cat > a <<EOF\n$(FOO/bin/x)\nEOF', 'run 2 /bin/x'],
  ['echo FOO/bin/x > FOO/bin/y'],
  ['substituteInPlace a --replace b FOO/bin/x'],
  ['makeWrapper FOO/bin/x $out/bin/x --run "FOO/bin/y"'],
  ['ln -s FOO/bin/x $out/bin; cp FOO/bin/x .; patchelf --set-interpreter FOO/lib/ld.so a'],
  ['[ -x FOO/bin/x ] && [[ -e FOO/bin/x ]] && test -x FOO/bin/x'],
  ['. FOO/bin/x; source FOO/nix-support/setup-hook'],
  ['# FOO/bin/x\na'],
  ['a="\nFOO/bin/x"'],
  // An interpreter that is written into a file which is started.
  ["sed -i '1s|.*|#! FOO/bin/awk -f|' mk.awk\n./mk.awk < in", 'run 1 /bin/awk'],
  ['echo "#!FOO/bin/sh" > a/gen\nchmod +x a/gen\na/gen', 'run 1 /bin/sh'],
  ['cat > gen <<EOF\n#!FOO/bin/sh\nx\nEOF\nfind . -exec $PWD/gen {} +', 'run 2 /bin/sh'],
  ['substituteInPlace gen --replace "#!/bin/sh" "#!FOO/bin/sh"; ./gen', 'run 1 /bin/sh'],
  ["sed -i '1s|.*|#!FOO/bin/awk -f|' mk.awk; BAR/bin/awk -f mk.awk; gen; ./other"],
  ['sed "1s|.*|#!FOO/bin/awk|" mk.awk; ./mk.awk; sed -i "s|/bin/x|FOO/bin/x|" a; ./a'],
  ['echo "#!FOO/bin/sh" > $out/bin/gen; $out/bin/other'],
  // What is no shell.
  ['FOO/bin/x a\n)) done <<< ;;\nb', ...run],
];

for (const [script, ...uses] of cases) {
  test(`what runs in ${JSON.stringify(script)}`, async () => {
    assert.deepEqual(await usesIn(script), uses);
  });
}

test('before a package is configured, programs are only looked up in PATH', async () => {
  assert.deepEqual(await usesIn('export PATH=FOO/bin:$PATH; FOO/bin/x', 'preConfigure'), run);
  assert.deepEqual(await usesIn('export PATH=FOO/bin:$PATH', 'preFixup'), []);
  assert.deepEqual(await usesIn('export PATH=FOO/bin:$PATH', 'preBuild'), ['search-path 1 /bin']);
});

test('variables that hold flags, or are named like a program', () => {
  const inner = (variable: string, value: string): string[] =>
    findFlagUses(variable, value.replaceAll('FOO', foo), wanted).map(({ path }) => path.inner);
  assert.deepEqual(inner('makeFlags', 'A=b LEX=FOO/bin/flex PERL=FOO/bin/perl'), ['/bin/flex', '/bin/perl']);
  assert.deepEqual(inner('configureFlags', '--with-perl=FOO/bin/perl PERL=FOO/bin/perl'), []);
  assert.deepEqual(
    inner('cmakeFlags', '-DGIT_EXECUTABLE=FOO/bin/git -DX=FOO/bin/x -DPKG_CONFIG_EXECUTABLE=FOO'),
    ['/bin/git'],
  );
  assert.deepEqual(inner('configureFlags', '--with-protoc=FOO/bin/protoc'), ['/bin/protoc']);
  assert.deepEqual(
    findFlagUses('configureFlags', `--with-python=${foo}/bin/python3`, wanted).map(({ kind }) => kind),
    ['program-named'],
  );
  assert.deepEqual(
    inner('configureFlags', '--with-python=FOO --with-gs=FOO/bin/gs --with-cpp=FOO/bin/cpp'),
    [],
  );
  assert.deepEqual(inner('installFlags', 'INSTALL=FOO/bin/install'), ['/bin/install']);
  assert.deepEqual(inner('configureFlags', 'INSTALL=FOO/bin/install'), []);
  assert.deepEqual(
    findFlagUses('RUSTFMT', `${foo}/bin/rustfmt`, wanted).map(({ kind }) => kind),
    ['program-named'],
  );
  assert.deepEqual(inner('ESBUILD_BINARY_PATH', 'FOO/bin/esbuild'), ['/bin/esbuild']);
  assert.deepEqual(inner('LIBCLANG_PATH', 'FOO/lib'), ['/lib']);
  assert.deepEqual(inner('LIBCLANG_LIBRARY', 'FOO/lib'), []);
  assert.deepEqual(inner('PROTOC', 'FOO/bin/protoc'), ['/bin/protoc']);
  assert.deepEqual(inner('makeFlags', 'ASCIIDOC=FOO/bin/asciidoc XMLTO=FOO/bin/xmlto'), [
    '/bin/asciidoc',
    '/bin/xmlto',
  ]);
  assert.deepEqual(inner('DOCBOOK2MAN', 'FOO/bin/docbook2man'), ['/bin/docbook2man']);
  assert.deepEqual(inner('XMLTO', 'FOO/bin/true'), []);
  assert.deepEqual(inner('configureFlags', 'SORT=FOO/bin/sort'), []);
  assert.deepEqual(inner('GREP_PATH', 'FOO/bin/grep'), []);
});

test('whether make starts what a variable is called like is not known', () => {
  const kinds = (value: string): string[] =>
    findFlagUses('makeFlags', value.replaceAll('FOO', foo), wanted).map(({ kind }) => kind);
  assert.deepEqual(kinds('PPPD=FOO/sbin/pppd GO_MD2MAN=FOO/bin/go-md2man'), [
    'program-flag',
    'program-named',
  ]);
  assert.deepEqual(kinds('YANKCMD=FOO/bin/xsel'), []);
});

test('a hundred thousand nested brackets are no harm', async () => {
  assert.deepEqual(await usesIn(`${'('.repeat(100_000)}FOO/bin/x`), []);
});

test('how much of a script is read depends on no clock', async () => {
  const parser = await testShellParser();
  const longest = parser.parse('m4 a b\n'.repeat(3000));
  assert.equal(longest?.rootNode.childCount, 3000);
  longest.delete();
  assert.equal(parser.parse('m4 a b\n'.repeat(30_000)), undefined);
});

test('a variable that doubles with every assignment ends somewhere', async () => {
  assert.deepEqual(await usesIn(`a=FOO/bin/x\n${'a=$a$a\n'.repeat(60)}eval $a $a; b`), []);
  assert.deepEqual(await usesIn(`${'a=FOO/bin/x$a$a\n'.repeat(60)}FOO/bin/x`), []);
});

test('programs that start one another a hundred times over are left alone', async () => {
  assert.deepEqual(await usesIn(`${'exec '.repeat(20_000)}FOO/bin/x`), []);
  assert.deepEqual(await usesIn(`${'find . -exec '.repeat(100)}FOO/bin/x`), []);
  assert.deepEqual(await usesIn('find . -exec nice FOO/bin/x {} \\; -exec FOO/bin/y -ok {} +'), [
    'run 1 /bin/x',
    'run 1 /bin/y',
  ]);
});

test('a flag of many knows its line', () => {
  const value = Array.from({ length: 30_000 }, (_, index) => `LEX=${foo}/bin/x${index}`).join('\n');
  const uses = findFlagUses('makeFlags', value, wanted);
  assert.equal(uses.length, 30_000);
  const { line, text } = uses.at(-1) ?? {};
  assert.deepEqual({ line, text }, { line: 30_000, text: `LEX=${foo}/bin/x29999` });
  const [only] = findFlagUses('PROTOC', `\n ${foo}/bin/protoc\n`, wanted);
  assert.equal(only?.line, 2);
});

for (const [script, ...mayFail] of [
  ['FOO/bin/x || true', true],
  ['FOO/bin/x 2>&1 || :', true],
  ['if [[ "$(FOO/bin/x -v 2>&1 || true)" =~ a ]]; then b; fi', true],
  ['a=$(FOO/bin/x) || true', true],
  ["sh -c 'FOO/bin/x' || true", true],
  ['{ FOO/bin/x; } || true', true],
  ['FOO/bin/x', false],
  ['FOO/bin/x || exit 1', false],
  ['FOO/bin/x && true', false],
  ['FOO/bin/x || true && FOO/bin/y', true, false],
  ['a || FOO/bin/x', false],
] as const) {
  test(`a failure ${mayFail[0] ? 'is' : 'is not'} passed over: ${script}`, async () => {
    const text = script.replaceAll('FOO', foo);
    const uses = findRunUses([{ variable: 'buildPhase', text }], new Map(), wanted, await testShellParser());
    assert.deepEqual(
      uses.map((use) => use.mayFail),
      mayFail,
    );
  });
}
