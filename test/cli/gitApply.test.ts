import assert from 'node:assert/strict';
import { execa } from 'execa';
import { cp } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { applyEdits } from '../../server/src/fixes/applyEdits.ts';
import type { SourceEdit } from '../../server/src/fixes/fix.ts';
import { diffOf } from '../../server/src/output/diff.ts';
import { runCommand } from '../support/command.ts';
import { NixFolder } from '../support/nixFolder.ts';

const example = join(import.meta.dirname, '../../example');

async function gitApply(folder: NixFolder, lines: readonly string[]): Promise<void> {
  await execa('git', ['apply', '--verbose', '-'], { cwd: folder.path, input: `${lines.join('\n')}\n` });
}

/** An edit of a whole line, which is counted from zero. */
function edit(file: string, line: number, length: number, newText: string): SourceEdit {
  return {
    file,
    range: { start: { line, character: 0 }, end: { line, character: length } },
    newText,
  };
}

describe('git takes the patch of a repair', () => {
  const numbered = Array.from({ length: 30 }, (_, index) => `line ${index + 10}`).join('\n');
  for (const [what, file, text, edits] of [
    ['of one line', 'a.nix', `${numbered}\n`, [[12, 'another']]],
    [
      'of lines far from one another',
      'a.nix',
      `${numbered}\n`,
      [
        [2, 'one\nmore'],
        [25, 'two'],
      ],
    ],
    [
      'of lines beside one another',
      'a.nix',
      `${numbered}\n`,
      [
        [2, 'one'],
        [3, 'two'],
        [6, 'three'],
      ],
    ],
    [
      'of the first and the last line',
      'a.nix',
      `${numbered}\n`,
      [
        [0, 'first'],
        [29, 'last'],
      ],
    ],
    ['of a file without a line break at its end', 'a.nix', numbered, [[29, 'last']]],
    ['of a file with a space in its name, in a folder', 'of mine/a b.nix', `${numbered}\n`, [[12, '']]],
    ['of a file whose name is quoted: a line break', 'a\n--- a/b.nix', `${numbered}\n`, [[12, '']]],
    ['of a file whose name is quoted: a tab', 'a\tb.nix', `${numbered}\n`, [[12, '']]],
    ['of a file whose name is quoted: signs', '"\\\u0007\u007f\u0001 ü.nix', `${numbered}\n`, [[12, '']]],
  ] as const) {
    test(what, async () => {
      using folder = new NixFolder({ [file]: text }, 'npl-apply-');
      const path = folder.file(file);
      const texts = new Map([[path, text]]);
      const changes = edits.map(([line, newText]) => edit(path, line, 'line 10'.length, newText));
      await gitApply(
        folder,
        diffOf(changes, texts, () => file),
      );
      assert.equal(readFileSync(path, 'utf8'), applyEdits(changes, texts).get(path));
    });
  }

  test('as the command shows it, and the leak is gone', async () => {
    using folder = new NixFolder({}, 'npl-apply-');
    await cp(example, folder.path, { recursive: true });
    const args = ['check', '-f', 'release.nix', '-A', 'build.x86_64-linux', '--as', 'x86_64-darwin'];
    const { stdout, exitCode } = await runCommand([...args, '--format', 'markdown'], folder.path);
    assert.equal(exitCode, 1);
    const [, patch] = /```diff\n([^]*?)\n```/.exec(stdout) ?? [];
    assert.ok(patch !== undefined, stdout);
    await gitApply(folder, patch.split('\n'));
    assert.equal((await runCommand(args, folder.path)).exitCode, 0);
  });
});
