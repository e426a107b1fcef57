import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { runCommand, type CommandResult } from '../support/command.ts';
import { openWorkspace } from '../support/workspace.ts';

/** What no terminal and no reader may be given. */
const unseen = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/;
/** Lines that a CI server obeys. */
const command = /^\s*::|##\[/m;

const text = '\u001b]0;t\u0007\u202ex\n::error file=a::forged\n##[add-mask]y';
const nix = (value: string): string =>
  JSON.stringify(value).replaceAll('\\u001b', '\u001b').replaceAll('\\u0007', '\u0007');
const file = 'a\n::error file=b::c\u202e.nix';
const leaking = (attribute: string, system = text): string => `{
  ${nix(attribute)} = derivation {
    name = "root"; system = "x86_64-linux"; builder = "/bin/sh"; stdenv = "/none";
    buildInputs = [ (derivation { name = "input"; system = ${nix(`${system}-darwin`)}; builder = "/bin/sh"; stdenv = "/none"; }) ];
  };
}`;

function assertTold({ stdout, stderr }: CommandResult): void {
  for (const told of [stdout, stderr]) {
    assert.doesNotMatch(told, unseen);
    assert.doesNotMatch(told, command);
  }
}

describe('what a repository says, the command shows and nobody obeys', () => {
  for (const format of ['text', 'json', 'sarif', 'markdown', 'dot', 'mermaid'] as const) {
    test(format, async () => {
      await using workspace = await openWorkspace({
        files: { [file]: leaking('a'), 'default.nix': leaking(text) },
      });
      const found = await runCommand(['check', '-f', file, '-A', 'a', '--format', format], workspace.root);
      assert.equal(found.exitCode, 1, found.stderr);
      assert.match(found.stdout, /\\u\{?202e|&#92;u\{202e|#92;u#123;202e/);
      assertTold(found);
    });
  }

  test('annotations: one for the leak, and none of the repository', async () => {
    await using workspace = await openWorkspace({ files: { [file]: leaking('a') } });
    const { stdout } = await runCommand(
      ['check', '-f', file, '-A', 'a', '--format', 'github'],
      workspace.root,
    );
    assert.doesNotMatch(stdout, unseen);
    const [first, ...others] = stdout.split('\n').filter((line) => /^\s*::/.test(line));
    assert.match(first ?? '', /^::(?:error|warning) file=a%0A%3A%3Aerror/);
    assert.deepEqual(others, []);
  });

  test('--list, errors and warnings', async () => {
    await using workspace = await openWorkspace({
      files: {
        'default.nix': leaking(text),
        'shell.nix': `throw ${nix(text)}`,
        [file]: `throw ${nix(text)}`,
      },
    });
    const listed = await runCommand(['check', '--list'], workspace.root);
    assert.equal(listed.exitCode, 0, listed.stderr);
    assert.equal(listed.stdout.trimEnd().split('\n').length, 1, 'one target, one line');
    assert.match(listed.stderr, /^warning: shell\.nix: /);
    assertTold(listed);
    const failed = await runCommand(['check', '-f', file], workspace.root);
    assert.equal(failed.exitCode, 2);
    assert.match(failed.stderr, /error: /);
    assertTold(failed);
    const why = await runCommand(['why', '-f', 'default.nix', 'input'], workspace.root);
    assertTold(why);
  });

  test('colours on a terminal are ours alone', async () => {
    await using workspace = await openWorkspace({ files: { 'default.nix': leaking('a', '\u001b[31mred') } });
    const cli = new URL('../../dist/cli.js', import.meta.url).pathname;
    const shown = ((): string => {
      try {
        // A terminal of its own, as a person has it.
        return execFileSync('script', ['-qec', `${process.execPath} ${cli} check -A a`, '/dev/null'], {
          cwd: workspace.root,
          encoding: 'utf8',
          env: { ...process.env, NO_COLOR: undefined },
        });
      } catch (error) {
        // The command ends with 1: there is a leak.
        assert.ok(error instanceof Error && 'stdout' in error && typeof error.stdout === 'string');
        return error.stdout;
      }
    })();
    assert.match(shown, /\u001b\[31merror\u001b\[39m/, 'it is painted');
    // What takes the line away that says what is being done.
    const lines = shown.replaceAll('\r\n', '\n').replaceAll('\r\u001b[K', '');
    assert.doesNotMatch(lines.replace(/\u001b\[(?:[12]|22|3[1239])m/g, ''), unseen);
    assert.doesNotMatch(shown, /\u001b\[31mred/);
  });
});
