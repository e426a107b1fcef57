import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { Editor } from './support/editor.ts';

test('a hover and the JSON name the target platform of a compiler, and of nothing else', async () => {
  const root = await mkdtemp(join(tmpdir(), 'npl-target-'));
  const file = join(root, 'default.nix');
  await writeFile(
    file,
    `let
  own = name: more: derivation ({ inherit name; system = "x86_64-linux"; builder = "/bin/sh"; stdenv = "/none"; } // more);
  compiler = own "gcc-wrapper" { suffixSalt = "aarch64_unknown_linux_gnu"; };
  tool = own "tool" { };
in own "wrapper" { suffixSalt = "riscv64_unknown_linux_gnu"; nativeBuildInputs = [ compiler tool ]; }
`,
  );
  const targets = [{ file: 'default.nix', attribute: '' }];
  const editor = await Editor.start({ root, settings: { targets, evaluateAs: 'x86_64-linux' } });
  try {
    await editor.open(file);
    await editor.evaluated();
    const told = (text: string): Promise<string> => editor.hoverText(file, text);
    assert.match(
      await told('compiler tool'),
      /- target platform: `aarch64-linux` \(inferred from the derivation\)/,
    );
    assert.doesNotMatch(await told('tool ]'), /target platform/);
    assert.equal((await editor.report()).root.targetSystem, 'riscv64-linux');
  } finally {
    await editor[Symbol.asyncDispose]();
    await rm(root, { recursive: true, force: true });
  }
});
