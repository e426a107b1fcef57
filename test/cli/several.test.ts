import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { jsonReportSchema, jsonReports } from '../../server/src/output/jsonSchemas.ts';
import { runCommand } from '../support/command.ts';
import { openWorkspace, type OpenWorkspace } from '../support/workspace.ts';

const release = `{ set ? ../set.nix }:
{
  clean = (import set { system = "x86_64-linux"; }).buildEnv { name = "clean"; paths = [ ]; };
  leak = (import set { system = "x86_64-linux"; }).buildEnv { name = "leak"; paths = [ (import set { }).jq ]; };
}`;

const broken = '{ a = throw "no"; }';

function open(targets?: unknown): Promise<OpenWorkspace> {
  const file = targets === undefined ? {} : { '.nix-platform-lens.json': JSON.stringify(targets) };
  return openWorkspace({ files: { 'release.nix': release, 'broken.nix': broken, ...file } });
}

const check = (workspace: OpenWorkspace, ...args: string[]) =>
  runCommand(['check', ...args, '--no-fixes'], workspace.root);

/** Of the JSON of several evaluations: label, system, and whether it leaks or failed. */
function rowsOf(stdout: string): unknown {
  const { evaluations } = jsonReports.parse(JSON.parse(stdout));
  return evaluations.map(({ label, evaluateAs, report }) => [label, evaluateAs, report?.leaks.length]);
}

const entry = (attribute: string) => ({ file: 'release.nix', attribute });

describe('several evaluations', () => {
  test('--all checks every target for its systems, in order, and the highest status is the answer', async () => {
    await using workspace = await open({
      targets: [{ ...entry('clean'), evaluateAs: ['x86_64-linux'] }, entry('leak')],
      evaluateAs: ['x86_64-linux', 'x86_64-darwin'],
    });
    const { exitCode, stdout } = await check(workspace, '--all', '--format', 'json');
    assert.deepEqual(rowsOf(stdout), [
      ['release.nix · clean', 'x86_64-linux', 0],
      ['release.nix · leak', 'x86_64-linux', 0],
      ['release.nix · leak', 'x86_64-darwin', 1],
    ]);
    assert.equal(exitCode, 1);
  });

  test('what could not be evaluated never looks clean, and a leak elsewhere is told all the same', async () => {
    await using workspace = await open({
      targets: [{ file: 'broken.nix', attribute: 'a' }, entry('leak')],
      evaluateAs: ['x86_64-darwin'],
    });
    const { exitCode, stdout, stderr } = await check(workspace, '--all');
    assert.equal(exitCode, 2);
    assert.match(stderr, /broken\.nix · a, as x86_64-darwin could not be evaluated:/);
    assert.match(stdout, /^error: jq is built for x86_64-darwin/m);
    assert.match(stdout, /^2 evaluations: 0 clean, 1 leaking, 1 not told$/m);
  });

  test('without a target file, --all checks what is found', async () => {
    await using workspace = await open();
    const { exitCode, stdout } = await check(
      workspace,
      ...['--all', '--as', 'x86_64-linux', '--format', 'json'],
    );
    assert.deepEqual(rowsOf(stdout), [
      ['release.nix · clean', 'x86_64-linux', 0],
      ['release.nix · leak', 'x86_64-linux', 0],
    ]);
    assert.equal(exitCode, 0);
  });

  test('--list and --target speak of the labels of the file', async () => {
    await using workspace = await open({ targets: [entry('clean'), entry('leak')] });
    const listed = await check(workspace, '--list');
    assert.deepEqual(listed.stdout.split('\n'), ['release.nix · clean', 'release.nix · leak']);
    const one = await check(workspace, '--target', 'release.nix · leak', '--as', 'x86_64-darwin');
    assert.equal(one.exitCode, 1);
    const none = await check(workspace, '--target', 'leak');
    assert.equal(none.exitCode, 2);
    assert.match(none.stderr, /--list prints/);
  });

  test('several systems on the command line, and an expression', async () => {
    await using workspace = await open();
    const { exitCode, stdout } = await check(
      workspace,
      ...['--expr', '(import ./release.nix { }).leak', '--format', 'json'],
      ...['--as', 'x86_64-linux', '--as', 'x86_64-darwin'],
    );
    assert.deepEqual(rowsOf(stdout), [
      ['', 'x86_64-linux', 0],
      ['', 'x86_64-darwin', 1],
    ]);
    assert.equal(exitCode, 1);
  });

  test('a target that depends on the machine is told once, with the expression', async () => {
    await using workspace = await open();
    const args = ['-f', 'release.nix', '-A', 'leak', '--as', 'x86_64-linux', '--as', 'x86_64-darwin'];
    const { stdout } = await check(workspace, ...args);
    assert.match(stdout, /^warning: .*depends on builtins\.currentSystem: .*x86_64-linux.*x86_64-darwin/m);
    assert.match(stdout, /^ {2}release\.nix:4:\d+ {2}import set \{ \}/m);
    const clean = args.map((word) => (word === 'leak' ? 'clean' : word));
    assert.doesNotMatch((await check(workspace, ...clean)).stdout, /depends on/);
  });

  test('outputs of an installable mean its derivation', async () => {
    await using workspace = await open();
    const first = await check(workspace, '-f', 'release.nix', '-A', 'clean', '--format', 'json');
    const { root } = jsonReportSchema.parse(JSON.parse(first.stdout));
    const { exitCode, stderr } = await check(workspace, `${root.drvPath}^out`);
    assert.equal(exitCode, 0, stderr);
  });

  for (const [name, args, says] of [
    ['a workspace that does not exist', ['--all', '--workspace', 'nowhere'], /no such folder/],
    ['two ways to name a target', ['--all', '-f', 'release.nix'], /not both/],
    ['arguments of the target file', ['--all', '--arg', 'a', '1'], /takes no arguments/],
  ] as const) {
    test(`status 2: ${name}`, async () => {
      await using workspace = await open();
      const { exitCode, stdout, stderr } = await check(workspace, ...args);
      assert.equal(exitCode, 2);
      assert.equal(stdout, '');
      assert.match(stderr, says);
    });
  }

  test('a mistake in the target file is told at its line', async () => {
    await using workspace = await open({ targets: [{ fil: 'release.nix' }] });
    const { exitCode, stderr } = await check(workspace, '--all');
    assert.equal(exitCode, 2);
    assert.match(stderr, /^error: \.nix-platform-lens\.json:1:14: targets\[0\]: .*"fil"/m);
  });
});
