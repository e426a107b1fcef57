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
  ['makeWrapper $out/y $out/bin/x --set DATA FOO/share --prefix XDG_DATA_DIRS : FOO/lib'],
  ['makeWrapper FOO/bin/x build/x --prefix PATH : FOO/bin'],
  // Replacements and links.
  ['substituteInPlace $out/bin/x --replace /bin/sh FOO/bin/sh', 'replacement 1 /bin/sh'],
  ['substitute a $out/x --subst-var-by shell FOO/bin/sh', 'replacement 1 /bin/sh'],
  ['substituteInPlace Makefile --replace /bin/sh FOO/bin/sh'],
  ['substitute $out/a Makefile --subst-var-by shell FOO/bin/sh'],
  // What is compiled has the path in it.
  ['substituteInPlace a.sh src/x.c --replace-fail /bin/sh FOO/bin/sh', 'compiled 1 /bin/sh'],
  ['substituteInPlace Makefile test/a.c tests/b.cc config/makefile.h --replace /bin/sh FOO/bin/sh'],
  ['substituteInPlace src/x.rs --replace "FOO/bin/sh" /bin/sh'],
  ['substituteInPlace build.rs gen/x.c a/mktable.c scripts/x.go Setup.hs --replace protoc FOO/bin/protoc'],
  ["sed -i 's|/bin/sh|FOO/bin/sh|g' src/x.cpp; sed 's|a|FOO/bin/sh|' x.c", 'compiled 1 /bin/sh'],
  ['sed -i -e "s#a#b#; s#/bin/sh#FOO/bin/sh#" $out/bin/x', 'replacement 1 /bin/sh'],
  ['sed -i "1s|^#!.*|#!FOO/bin/sh|" $out/bin/x', 'replacement 1 /bin/sh'],
  ['sed -i "s|FOO/bin/sh|/bin/sh|" $out/bin/x; sed -i "s|a|FOO/bin/sh|" Makefile x.c.in'],
  ['ln -s FOO/bin/x $out/bin', 'link 1 /bin/x'],
  ['cp -r FOO/libexec/sdk/sysroot/usr/include $out/include; cp -r FOO/libexec/sdk/include $out'],
  ['ln -s FOO/libexec/sdk/usr/lib64 $out/lib; ln -s FOO/libexec/x $out/libexec', 'link 1 /libexec/x'],
  ['cp FOO/bin/x .; ln -s FOO/share/x $out/share'],
  // Libraries.
  ['cp FOO/lib/libx.so* $out/lib', 'library 1 /lib/libx.so*'],
  ['install -m644 -t $out/lib FOO/lib/a/libx.so.1.2', 'library 1 /lib/a/libx.so.1.2'],
  ['ln -s FOO/lib64/libx.a $out/lib/', 'library 1 /lib64/libx.a'],
  ['cp FOO/lib/libx.dylib $out/lib', 'library 1 /lib/libx.dylib'],
  ['patchelf --set-rpath FOO/lib:$out/lib $out/bin/x', 'library 1 /lib'],
  ['wrapProgram $out/bin/x --prefix LD_LIBRARY_PATH : FOO/lib', 'library 1 /lib'],
  ['makeWrapper $out/y $out/bin/x --set LD_PRELOAD FOO/lib/libx.so', 'library 1 /lib/libx.so'],
  ['cp FOO/lib/libx.so .; patchelf --set-rpath FOO/lib x; patchelf --shrink-rpath $out/bin/x'],
  ['cp FOO/lib/x.py FOO/lib/x.so.txt FOO/lib/rustlib/a/x.so $out/lib; cp FOO/lib/a-linux-gnu/x.so $out/lib'],
  // Files that have programs started.
  ['cat > $out/x.service <<EOF\n[Service]\nExecStart=-FOO/bin/x a\nEOF', 'started 3 /bin/x'],
  ['echo "ExecStop=+FOO/bin/x" >> $out/lib/systemd/system/x.service', 'started 1 /bin/x'],
  [
    'cat > $out/x.desktop <<EOF\n[Desktop Entry]\nTryExec=FOO/bin/x\nExec=a FOO/bin/x\nEOF',
    'started 3 /bin/x',
    'started 4 /bin/x',
  ],
  ['cat > x.service <<EOF\nExecStart=FOO/bin/x\nEOF'],
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

for (const [text, ...lines] of [
  ['[Unit]\nDescription=FOO/bin/x\n[Service]\nEnvironment="PATH=BAR:FOO/bin"\nExecStartPre=+FOO/bin/x', 4, 5],
  ['[Service]\nExecStart=/bin/sh -c "FOO/bin/x"\nExecReload=@FOO x', 2, 3],
  ['[D-BUS Service]\nName=a\nExec=FOO/bin/x\n', 3],
  ['[Desktop Action new]\nExec="FOO/bin/x" %f\nIcon=FOO/bin/x', 2],
  ['# RUN+="FOO/bin/x"\nKERNEL=="a", RUN+="FOO/bin/x -b", ENV{a}="FOO/bin/x"', 2],
  ['PROGRAM="/bin/sh -c FOO/bin/x"\nIMPORT{program}="FOO/bin/x %p"\nTEST=="FOO/bin/x"', 1, 2],
  ['MAILTO=a\n*/5 0-3 * * 1,2 root FOO/bin/x\n@daily FOO/bin/x', 2, 3],
  ['Exec=FOO/bin/x\n[Other]\nExec=FOO/bin/x\nlist = FOO/bin/x\nExecStart=FOO/share/x'],
] satisfies [string, ...number[]][]) {
  test(`what is started by a file with ${JSON.stringify(text)}`, async () => {
    const found = findUsesInText(text.replaceAll('FOO', foo), 'text', wanted, await testShellParser(), false);
    assert.deepEqual(
      found.map(({ kind, line }) => `${kind} ${line}`),
      lines.map((line) => `started ${line}`),
    );
  });
}

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
