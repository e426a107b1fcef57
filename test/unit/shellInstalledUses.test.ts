import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Destinations } from '../../server/src/shell/destinations.ts';
import { findInstalledUses, findUsesInText, findWrapperUses } from '../../server/src/shell/installedUses.ts';
import { WantedPaths } from '../../server/src/shell/wantedPaths.ts';
import { testShellParser } from '../support/parser.ts';

const foo = '/nix/store/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-foo-1.0';
const own = '/nix/store/cccccccccccccccccccccccccccccccc-own-1.0';
const wanted = new WantedPaths('/nix/store', (path) => path === foo);
const outputs = new Destinations([{ name: 'out', path: own }, { name: 'bin' }, { name: 'dev' }]);

async function usesIn(script: string): Promise<string[]> {
  const text = script.replaceAll('FOO', foo).replaceAll('OWN', own);
  const scripts = [{ variable: 'installPhase', text }];
  const uses = findInstalledUses(scripts, new Map(), wanted, outputs, await testShellParser());
  return uses.map(({ kind, line, path }) => `${kind} ${line} ${path.inner}`);
}

const cases: readonly [script: string, ...uses: string[]][] = [
  // Texts.
  ['cat > $out/bin/x <<EOF\n#!FOO/bin/sh\nEOF', 'shebang 2 /bin/sh'],
  ["a\ncat <<'EOF' > ${bin}/bin/x\n#! FOO/bin/sh -e\nEOF", 'shebang 3 /bin/sh'],
  ['cat > OWN/x <<EOF\n#!FOO/bin/sh\nEOF', 'shebang 2 /bin/sh'],
  ['echo "#!FOO/bin/sh" >> $out/x', 'shebang 1 /bin/sh'],
  ['(echo "#!FOO/bin/sh"; echo b) > $out/x', 'shebang 1 /bin/sh'],
  ['cat > $out/bin/x <<EOF\n#!/bin/sh\nexec FOO/bin/y "\\$@"\nEOF', 'script 3 /bin/y'],
  ['cat > $out/bin/x <<EOF\n#!/bin/sh\nexport PATH=FOO/bin:\\$PATH\nEOF', 'script 3 /bin'],
  ['file=$out/bin/x\ncat > $file <<EOF\n#!FOO/bin/sh\nEOF', 'shebang 3 /bin/sh'],
  ['cat > $out/bin/x <<EOF\n#!/bin/python\nFOO/bin/y\nEOF'],
  ['cat > $out/share/list <<EOF\nFOO/bin/y\nEOF'],
  ['cat > x <<EOF\n#!FOO/bin/sh\nEOF'],
  ['cat > $dev/bin/x-config <<EOF\n#!FOO/bin/sh\nEOF'],
  ['cat > $out/nix-support/setup-hook <<EOF\n#!FOO/bin/sh\nEOF'],
  ['cat > $outside/x <<EOF\n#!FOO/bin/sh\nEOF'],
  ['FOO/bin/x > $out/y; cat FOO/bin/x > $out/y'],
  // Wrappers.
  ['wrapProgram $out/bin/x --prefix PATH : FOO/bin', 'wrapper 1 /bin'],
  ['for f in $out/bin/*; do wrapProgram $f --suffix PATH : "/a:FOO/bin"; done', 'wrapper 1 /bin'],
  ['makeWrapper FOO/bin/x $out/bin/x', 'wrapper 1 /bin/x'],
  ['makeWrapper $out/y $out/bin/x --set TOOL FOO/bin/x', 'wrapper 1 /bin/x'],
  ['makeWrapper $out/y $out/bin/x --run "FOO/bin/x"', 'script 1 /bin/x'],
  ['makeWrapper $out/y $out/bin/x --set DATA FOO/share --prefix LD_LIBRARY_PATH : FOO/lib'],
  ['makeWrapper FOO/bin/x build/x --prefix PATH : FOO/bin'],
  // Replacements and links.
  ['substituteInPlace $out/bin/x --replace /bin/sh FOO/bin/sh', 'replacement 1 /bin/sh'],
  ['substitute a $out/x --subst-var-by shell FOO/bin/sh', 'replacement 1 /bin/sh'],
  ['substituteInPlace Makefile --replace /bin/sh FOO/bin/sh'],
  ['substitute $out/a Makefile --subst-var-by shell FOO/bin/sh'],
  ['ln -s FOO/bin/x $out/bin', 'link 1 /bin/x'],
  ['cp -r FOO/libexec/sdk/sysroot/usr/include $out/include; cp -r FOO/libexec/sdk/include $out'],
  ['ln -s FOO/libexec/sdk/usr/lib64 $out/lib; ln -s FOO/libexec/x $out/libexec', 'link 1 /libexec/x'],
  ['cp FOO/bin/x .; ln -s FOO/share/x $out/share'],
];

for (const [script, ...uses] of cases) {
  test(`what is installed by ${JSON.stringify(script)}`, async () => {
    assert.deepEqual(await usesIn(script), uses);
  });
}

test('a text that is installed as it stands', async () => {
  const kinds = async (text: string, isProgram: boolean): Promise<string[]> =>
    findUsesInText(text.replaceAll('FOO', foo), 'text', wanted, await testShellParser(), isProgram).map(
      ({ kind, line }) => `${kind} ${line}`,
    );
  assert.deepEqual(await kinds('#!FOO/bin/bash\n\nFOO/bin/x a\n', true), ['shebang 1', 'script 3']);
  assert.deepEqual(await kinds('FOO/bin/x a\n', true), ['script 1']);
  assert.deepEqual(await kinds('FOO/bin/x a\n', false), []);
});

test('arguments for a wrapper that a variable holds', async () => {
  const uses = findWrapperUses(
    'makeWrapperArgs',
    `--prefix PATH : ${foo}/bin`,
    wanted,
    await testShellParser(),
  );
  assert.deepEqual(
    uses.map(({ kind, variable, line }) => `${kind} ${variable} ${line}`),
    ['wrapper makeWrapperArgs 1'],
  );
});
