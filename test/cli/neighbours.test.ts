import assert from 'node:assert/strict';
import { execa } from 'execa';
import { copyFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

import { cli } from '../support/command.ts';
import { NixFolder } from '../support/nixFolder.ts';

test('the command without the files beside it says what is missing and what to do', async () => {
  using folder = new NixFolder({ 'package.json': '{ "type": "module" }' });
  const alone = folder.file('cli.js');
  copyFileSync(cli, alone);
  copyFileSync(join(dirname(cli), 'web-tree-sitter.wasm'), folder.file('web-tree-sitter.wasm'));
  for (const args of [
    ['check', '-f', 'x.nix'],
    ['explain', 'build-platform'],
  ]) {
    const { exitCode, stdout, stderr } = await execa(process.execPath, [alone, ...args], {
      cwd: folder.path,
      reject: false,
    });
    assert.deepEqual(
      { exitCode, stdout, stderr },
      {
        exitCode: 2,
        stdout: '',
        stderr:
          `error: tree-sitter-nix.wasm, tree-sitter-bash.wasm: not found in ${folder.path}, where the command lies.\n` +
          'error: It needs the files that it was built or installed with: copy the whole folder, or install it again.',
      },
    );
  }
});
