import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { jsonReportSchema, jsonReports } from '../../server/src/output/jsonSchemas.ts';
import { runCommand } from '../support/command.ts';
import { openWorkspace, type OpenWorkspace } from '../support/workspace.ts';

const files = {
  'release.nix': `{ set ? ../set.nix }: { app = (import set { }).hello; jobs.x86_64-linux = (import set { }).vim; }`,
  '.nix-platform-lens.json': JSON.stringify({
    targets: [
      { file: 'release.nix', attribute: 'app', expect: 'x86_64-linux' },
      { file: 'release.nix', attribute: 'app', arg: { set: '../set.nix' } },
    ],
    evaluateAs: ['x86_64-darwin'],
  }),
};

const check = (workspace: OpenWorkspace, ...args: string[]) =>
  runCommand(['check', ...args, '--no-fixes'], workspace.root);

describe('--expect', () => {
  const app = ['-f', 'release.nix', '-A', 'app'];

  test('what runs elsewhere is a leak, told at the expression, with its cause', async () => {
    await using workspace = await openWorkspace({ files });
    const { exitCode, stdout } = await check(
      workspace,
      ...[...app, '--as', 'x86_64-darwin', '--expect', 'x86_64-linux'],
    );
    assert.equal(exitCode, 1);
    assert.match(
      stdout,
      /^error: hello is built for x86_64-darwin, but x86_64-linux was asked for: take it/m,
    );
    assert.match(stdout, /origin +release\.nix:1:\d+ +\(import set \{ \}\)\.hello/);
    assert.match(stdout, /cause .*made without `system`/);
    assert.doesNotMatch(stdout, /^ +path/m, 'a path of the root alone says nothing');
  });

  test('what runs there is none, and the report tells what was expected', async () => {
    await using workspace = await openWorkspace({ files });
    const { exitCode, stdout } = await check(
      workspace,
      ...[...app, '--as', 'x86_64-linux', '--expect', 'x86_64-linux', '--format', 'json'],
    );
    assert.equal(exitCode, 0);
    const { expect, leaks } = jsonReportSchema.parse(JSON.parse(stdout));
    assert.deepEqual([expect, leaks], ['x86_64-linux', []]);
  });

  test('a system in the attribute of a file is only a name: a warning', async () => {
    await using workspace = await openWorkspace({ files });
    const { exitCode, stdout } = await check(
      workspace,
      ...['-f', 'release.nix', '-A', 'jobs.x86_64-linux', '--as', 'x86_64-darwin'],
    );
    assert.equal(exitCode, 0);
    assert.match(
      stdout,
      /^warning: vim is built on x86_64-darwin, but .* jobs\.x86_64-linux, names x86_64-/m,
    );
  });

  test('the target file expects, and the command line expects otherwise', async () => {
    await using workspace = await openWorkspace({ files });
    const summaryOf = async (...args: string[]): Promise<unknown> => {
      const { stdout } = await check(
        workspace,
        '--all',
        '--allow-path',
        '../set.nix',
        '--format',
        'json',
        ...args,
      );
      return jsonReports.parse(JSON.parse(stdout)).summary;
    };
    assert.deepEqual(await summaryOf(), { evaluations: 2, clean: 1, leaking: 1, unknown: 0 });
    assert.deepEqual(await summaryOf('--expect', 'x86_64-darwin'), {
      evaluations: 2,
      clean: 2,
      leaking: 0,
      unknown: 0,
    });
  });

  test('only a system can be expected', async () => {
    await using workspace = await openWorkspace({ files });
    const { exitCode, stderr } = await check(workspace, ...app, '--expect', 'linux');
    assert.equal(exitCode, 2);
    assert.match(stderr, /It must be a system such as x86_64-linux/);
  });
});
