import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import type { JsonReport } from '../../server/src/output/json.ts';
import { jsonReportSchema } from '../../server/src/output/jsonSchemas.ts';
import { parseSarif } from '../support/sarifSchema.ts';
import { runCommand, type CommandResult } from '../support/command.ts';
import { copyExample, type ExampleWorkspace } from '../server/support/exampleWorkspace.ts';

const line = '      nix = pkgs.nix;\n';
const asMac = ['-f', 'release.nix', '-A', 'build.x86_64-linux', '--as', 'x86_64-darwin', '--no-fixes'];

/** The example with other text in the place of the line that brings in what is wrong. */
async function open(text = line, rules?: object): Promise<ExampleWorkspace> {
  const workspace = await copyExample();
  const before = await readFile(workspace.release, 'utf8');
  assert.ok(before.includes(line));
  await writeFile(workspace.release, before.replace(line, text));
  if (rules) await writeFile(join(workspace.root, '.nix-platform-lens.json'), JSON.stringify({ rules }));
  return workspace;
}

async function check({ root }: ExampleWorkspace, ...args: string[]): Promise<CommandResult> {
  return runCommand(['check', ...args], root);
}

async function json(
  workspace: ExampleWorkspace,
  ...args: string[]
): Promise<JsonReport & Pick<CommandResult, 'exitCode'>> {
  const { exitCode, stdout, stderr } = await check(workspace, ...args, '--format', 'json');
  assert.notEqual(stdout, '', stderr);
  return { ...jsonReportSchema.parse(JSON.parse(stdout)), exitCode };
}

describe('levels of rules', () => {
  test('what is off or a warning does not fail, what is an error does', async () => {
    await using workspace = await open();
    const both = (level: string) => [
      '--rule',
      `host-platform=${level}`,
      '--rule',
      `plain-reference=${level}`,
    ];
    const off = await check(workspace, ...asMac, ...both('off'));
    assert.equal(off.exitCode, 0, off.stderr);
    assert.match(off.stdout, /^✓ .*\(off: host-platform, plain-reference\)$/m);
    const warnings = await check(workspace, ...asMac, ...both('warning'));
    assert.equal(warnings.exitCode, 0);
    assert.match(warnings.stdout, /^! .*: 2 warnings$/m);
    const notes = await check(workspace, ...asMac, ...both('info'));
    assert.equal(notes.exitCode, 0);
    assert.match(notes.stdout, /2 notes/);
    const one = await check(workspace, ...asMac, '--rule', 'host-platform=off');
    assert.equal(one.exitCode, 1, 'what is left of a leak still fails');
    assert.match(one.stdout, /^error: nix-2\.18\.2 is built for x86_64-darwin, but build-farm-perl-deps/m);
  });

  test('the target file comes before the command line, and needs no targets', async () => {
    await using workspace = await open(line, { 'host-platform': 'off', 'plain-reference': 'off' });
    assert.equal((await check(workspace, ...asMac)).exitCode, 0);
    const report = await json(workspace, ...asMac, '--rule', 'host-platform=error');
    assert.deepEqual(report.rules, { 'host-platform': 'error', 'plain-reference': 'off' });
    assert.deepEqual(
      report.leaks.map(({ rule, severity }) => [rule, severity]),
      [['host-platform', 'error']],
    );
    assert.equal(report.exitCode, 1);
  });

  test('a file without targets does not keep the targets from being found', async () => {
    await using workspace = await open(line, { 'host-platform': 'off' });
    const { stdout, exitCode } = await check(workspace, '--list');
    assert.equal(exitCode, 0);
    assert.match(stdout, /release\.nix/);
  });

  for (const [name, args, says] of [
    ['a rule that there is not', ['--rule', 'host=off'], /The rules are build-platform, host-platform/],
    ['a level that there is not', ['--rule', 'host-platform=loud'], /one of off, info, warning, error/],
    ['no level', ['--rule', 'host-platform'], /one of off, info, warning, error/],
  ] as const) {
    test(`status 2: ${name}`, async () => {
      await using workspace = await open();
      const { exitCode, stderr, stdout } = await check(workspace, ...asMac, ...args);
      assert.equal(exitCode, 2);
      assert.equal(stdout, '');
      assert.match(stderr, says);
    });
  }

  test('status 2: the target file names a rule that there is not', async () => {
    await using workspace = await open(line, { 'host-platfrom': 'off' });
    const { exitCode, stderr } = await check(workspace, ...asMac);
    assert.equal(exitCode, 2);
    assert.match(
      stderr,
      /^error: \.nix-platform-lens\.json:1:\d+: rules\.host-platfrom: there is no such rule/m,
    );
  });
});

describe('suppressions', () => {
  const allow = '# nix-platform-lens: allow host-platform, plain-reference: the farm has Macs\n';

  for (const [name, text] of [
    ['above the origin', `      ${allow}${line}`],
    ['behind it', line.replace('\n', ` ${allow}`)],
    ['above the binding whose value it is', `      ${allow}      nix =\n        pkgs.nix;\n`],
    ['in the binding', `      nix =\n        ${allow}        pkgs.nix;\n`],
  ] as const) {
    test(`${name}: nothing fails, and it is counted`, async () => {
      await using workspace = await open(text);
      const { exitCode, stdout } = await check(workspace, ...asMac);
      assert.equal(exitCode, 0, stdout);
      assert.match(stdout, /^✓ build-farm-1\.0, evaluated as x86_64-darwin: 2 suppressed$/m);
      assert.doesNotMatch(stdout, /^(error|warning)/m);
      assert.match(stdout, /^ +release\.nix:\d+:\d+ +host-platform of nix-2\.18\.2: the farm has Macs$/m);
    });
  }

  test('at the cause, and in the JSON', async () => {
    await using workspace = await open();
    const text = await readFile(workspace.release, 'utf8');
    await writeFile(
      workspace.release,
      text.replace('import ./nixpkgs { };', `import ./nixpkgs { }; ${allow.trim()}`),
    );
    const report = await json(workspace, ...asMac);
    assert.deepEqual(report.leaks, []);
    assert.deepEqual(report.unusedSuppressions, []);
    assert.deepEqual(report.suppressed.map(({ input }) => input.name).sort(), [
      'nix-2.18.2',
      'nix-perl-2.18.2',
    ]);
    const [suppression] = report.suppressed[0]?.suppressions ?? [];
    assert.ok(suppression);
    const { file, line: at, rules, reason } = suppression;
    assert.deepEqual(
      { file, at, rules, reason },
      {
        file: 'release.nix',
        at: 10,
        rules: ['host-platform', 'plain-reference'],
        reason: 'the farm has Macs',
      },
    );
  });

  test('one rule alone is allowed, the other one still fails', async () => {
    await using workspace = await open(`      # nix-platform-lens: allow host-platform: so\n${line}`);
    const { exitCode, stdout } = await check(workspace, ...asMac);
    assert.equal(exitCode, 1);
    assert.match(stdout, /^✗ .*: 2 leaks, 1 suppressed$/m);
  });

  test('in a string, it is none', async () => {
    await using workspace = await open(line.replace('pkgs.nix', `let note = "${allow.trim()}"; in pkgs.nix`));
    assert.equal((await check(workspace, ...asMac)).exitCode, 1);
  });

  test('what is not heeded is told in every report, and the leak fails', async () => {
    await using workspace = await open(`      # nix-platform-lens: allow host-platform\n${line}`);
    const reports = ['sarif', 'markdown', 'github'].flatMap((name) => ['--report', `${name}=${name}`]);
    const read = (name: string): Promise<string> => readFile(join(workspace.root, name), 'utf8');
    const { exitCode, stdout } = await check(workspace, ...asMac, ...reports);
    assert.equal(exitCode, 1);
    assert.match(stdout, /^warning: release\.nix:19:7 +This suppression gives no reason/m);
    const found = parseSarif(await read('sarif')).runs[0]?.results?.filter(
      ({ ruleId }) => ruleId === 'unused-suppression',
    );
    assert.deepEqual(
      found?.map(({ level, locations }) => [level, locations?.[0]?.physicalLocation?.region?.startLine]),
      [['warning', 19]],
    );
    assert.match(await read('markdown'), /^- ⚠️ \[release\.nix:19:7\].*gives no reason/m);
    assert.match(
      await read('github'),
      /^::warning file=release\.nix,line=19,.*::This suppression gives no reason/m,
    );
  });

  test('one that is not needed is a warning, which may be made an error, and is judged over all evaluations', async () => {
    await using workspace = await open(`      ${allow}${line}`);
    const asLinux = asMac.map((word) => (word === 'x86_64-darwin' ? 'x86_64-linux' : word));
    const warned = await check(workspace, ...asLinux);
    assert.equal(warned.exitCode, 0, warned.stderr);
    assert.match(
      warned.stdout,
      /^warning: release\.nix:19:7 +This suppression is not needed: `host-platform` and `plain-reference` find nothing that starts in line 20\.$/m,
    );
    assert.equal((await check(workspace, ...asLinux, '--rule', 'unused-suppression=error')).exitCode, 1);
    const both = await check(
      workspace,
      ...asLinux,
      '--as',
      'x86_64-darwin',
      '--rule',
      'unused-suppression=error',
    );
    assert.equal(both.exitCode, 0, both.stdout);
    assert.doesNotMatch(both.stdout, /not needed/);
  });
});
