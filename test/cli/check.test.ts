import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { jsonReportSchema } from '../../server/src/output/jsonSchemas.ts';
import { runCommand } from '../support/command.ts';
import { SyntheticStore } from '../support/syntheticStore.ts';
import { openWorkspace, type OpenWorkspace } from '../support/workspace.ts';

const release = `{ set, extra ? [ ] }:
let
  pkgs = import set { };
  build = system:
    with import set { inherit system; };
    let nix = pkgs.nixUnstable or pkgs.nix; in
    buildEnv { name = "root"; paths = [ hello nix nix.perl-bindings ] ++ extra; };
in
{
  server = build "x86_64-linux";
  clean = (import set { system = "x86_64-linux"; }).buildEnv { name = "clean"; paths = [ ]; };
  broken = pkgs.missing;
  several = { a = pkgs.vim; b = pkgs.jq; };
  endless = let sum = f: n: builtins.foldl' (a: b: a + f b) 0 (builtins.genList (x: x) n); in sum (_: sum (x: x) 10000) 1000000;
}`;

function open(): Promise<OpenWorkspace> {
  return openWorkspace({ files: { 'release.nix': release, 'bad.nix': '{ a = ; }' } });
}

async function check(workspace: OpenWorkspace, ...args: string[]) {
  const set = args.includes('-f') ? ['--arg', 'set', join(workspace.root, '..', 'set.nix')] : [];
  return runCommand(['check', ...args, ...set], workspace.root);
}

describe('check', () => {
  test('a leak gives status 1 and the whole report as JSON', async () => {
    await using workspace = await open();
    const { exitCode, stdout, stderr } = await check(
      workspace,
      ...['-f', 'release.nix', '-A', 'server', '--as', 'x86_64-darwin', '--format', 'json'],
    );
    assert.equal(exitCode, 1, stderr);
    const report = jsonReportSchema.parse(JSON.parse(stdout));
    assert.equal(report.version, 1);
    assert.equal(report.evaluatedAs, 'x86_64-darwin');
    assert.equal(report.root.name, 'root');
    assert.equal(report.root.buildSystem, 'x86_64-linux');
    assert.deepEqual(report.closure, {
      derivations: 4,
      edges: 4,
      bySystem: { 'x86_64-linux': 2, 'x86_64-darwin': 2 },
    });
    assert.deepEqual(report.leaks.map((leak) => leak.input.name).sort(), ['nix', 'nix-perl']);
    for (const leak of report.leaks) {
      assert.equal(leak.severity, 'error');
      assert.equal(leak.bringsIn, 2, 'both leave when their one cause is repaired');
      assert.equal(leak.path[0], 'root');
      assert.equal(leak.path.at(-1), leak.input.name);
      assert.deepEqual(
        leak.consumers.map(({ name }) => name),
        ['root'],
      );
      const [origin] = leak.origins;
      assert.ok(origin);
      const { file, line, column, endLine, endColumn, text } = origin;
      assert.deepEqual(
        { file, line, column, endLine, endColumn, text },
        {
          file: 'release.nix',
          line: 6,
          column: 15,
          endLine: 6,
          endColumn: 43,
          text: 'pkgs.nixUnstable or pkgs.nix',
        },
      );
      assert.equal(leak.cause?.kind, 'shadowed-with');
      assert.equal(leak.cause.file, 'release.nix');
      assert.equal(leak.cause.line, 3);
      assert.equal(leak.cause.text, 'import set { }');
      const [fix] = leak.fixes;
      assert.equal(fix?.proven, true);
      assert.equal(fix.proof, '2 → 0 darwin-built, 1 derivation changes');
    }
    assert.deepEqual(report.gaps, []);
    assert.deepEqual(report.errors, []);
  });

  test('the same attribute is clean where it is evaluated as Linux', async () => {
    await using workspace = await open();
    const { exitCode, stdout } = await check(
      workspace,
      ...['-f', 'release.nix', '-A', 'server', '--as', 'x86_64-linux'],
    );
    assert.match(stdout, /^✓ root, evaluated as x86_64-linux: every input runs/);
    assert.equal(exitCode, 0);
  });

  test('text names origin, cause, path and what was counted, without colours in a pipe', async () => {
    await using workspace = await open();
    const { stdout } = await check(workspace, '-f', 'release.nix', '-A', 'server', '--as', 'aarch64-darwin');
    assert.doesNotMatch(stdout, /\u001b/);
    assert.match(stdout, /origin +release\.nix:6:15 +pkgs\.nixUnstable or pkgs\.nix/);
    assert.match(stdout, /cause +release\.nix:3:10 .*shadows it/);
    assert.match(stdout, /path +root → nix$/m);
    assert.match(
      stdout,
      /4 derivations \(2 aarch64-darwin, 2 x86_64-linux|4 derivations \(2 x86_64-linux, 2 aarch64-darwin/,
    );
    assert.match(stdout, /proven: 2 → 0 darwin-built/);
  });

  test('arguments reach Nix, and relative paths in them mean the working directory', async () => {
    await using workspace = await open();
    const { exitCode, stdout } = await check(
      workspace,
      ...['-f', 'release.nix', '-A', 'server', '--as', 'x86_64-linux', '--arg', 'extra', '[ ./bad.nix ]'],
    );
    assert.equal(exitCode, 0, stdout);
  });

  for (const [what, more, choices] of [
    ['by what they are', 'notOne = "x"; inner.deep = a;', 'a, b, inner.deep'],
    ['by name, where a value below one fails', 'wrong.x = (1).y;', 'a, b, wrong'],
  ] as const) {
    test(`a file that is a set says which attributes can be named: ${what}`, async () => {
      const derivation = (name: string): string =>
        `derivation { name = "${name}"; system = "x86_64-linux"; builder = "/bin/sh"; }`;
      await using workspace = await openWorkspace({
        files: { 'set.nix': `rec { a = ${derivation('one')}; b = ${derivation('two')}; ${more} }` },
      });
      const { exitCode, stderr } = await runCommand(['check', '-f', 'set.nix'], workspace.root);
      assert.equal(exitCode, 2);
      const [first] = stderr.split('\n');
      assert.equal(
        first,
        `error: the file is no derivation itself: choose one of its attributes, ${choices}`,
      );
    });
  }

  for (const [name, args, says] of [
    [
      'an error of the code, at its place',
      ['-f', 'release.nix', '-A', 'broken'],
      /^release\.nix:12:12: error: attribute .missing. missing/,
    ],
    ['a syntax error', ['-f', 'bad.nix'], /^bad\.nix:1:7: error: syntax error/],
    ['an attribute that is missing', ['-f', 'release.nix', '-A', 'nope'], /error: attribute 'nope'/],
    [
      'a set of derivations',
      ['-f', 'release.nix', '-A', 'several'],
      /error: the attribute several is no derivation itself: choose one of its attributes, several\.a, several\.b\n {2}Choose .* `-A ATTRIBUTE`/,
    ],
    ['a file that is missing', ['-f', 'nope.nix'], /nope\.nix/],
    [
      'an evaluation that never ends',
      ['-f', 'release.nix', '-A', 'endless', '--timeout', '0.5'],
      /did not finish within 0\.5 s/,
    ],
    ['a missing .drv', ['/nix/store/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-x.drv'], /aaaaaaaa-x\.drv/],
    ['an unknown format', ['-f', 'release.nix', '--format', 'xml'], /Allowed choices are text, json/],
    ['no system', ['-f', 'release.nix', '-A', 'server', '--as', 'darwin'], /must be a system such as/],
    ['an attribute of an installable', ['.', '-A', 'server'], /--attr needs --file: .* as in \.#server/],
    ['an argument of an installable', ['.#x', '--arg', 'a', '1'], /--arg needs --file/],
    ['a string for an installable', ['.#x', '--argstr', 'a', 'b'], /--argstr needs --file/],
    ['a system for a .drv', ['/nix/store/x.drv', '--as', 'x86_64-linux'], /--as needs something to evaluate/],
    ['two targets', ['.#x', '-f', 'release.nix'], /not both/],
  ] as const) {
    test(`status 2: ${name}`, async () => {
      await using workspace = await open();
      const { exitCode, stdout, stderr } = await check(workspace, ...args);
      assert.equal(exitCode, 2);
      assert.equal(stdout, '');
      assert.match(stderr, says);
      assert.doesNotMatch(stderr, /\n +at .*\.(js|ts):/, 'no stack of ours');
    });
  }

  test('status 2 where there is no Nix, with what to do', async () => {
    await using workspace = await open();
    const { exitCode, stderr } = await runCommand(
      ['check', '-f', 'release.nix', '--nix', workspace.root],
      workspace.root,
    );
    assert.equal(exitCode, 2);
    assert.match(stderr, /no nix-instantiate in .*nixPlatformLens\.nix\.directory/);
  });

  test('a derivation that exists already is judged without evaluation', async () => {
    await using workspace = await open();
    const first = await check(
      workspace,
      '-f',
      'release.nix',
      '-A',
      'server',
      '--as',
      'x86_64-darwin',
      '--format',
      'json',
    );
    const { drvPath } = jsonReportSchema.parse(JSON.parse(first.stdout)).root;
    const { exitCode, stdout } = await runCommand(['check', drvPath], workspace.root);
    assert.equal(exitCode, 1);
    assert.match(stdout, /no expression of the workspace/);
  });

  test('where no file is named, arguments speak of default.nix and never of a flake', async () => {
    const app = 'derivation { name = "app"; system = "x86_64-linux"; builder = "/bin/sh"; }';
    const flake = { 'flake.nix': '{ outputs = _: { }; }' };
    await using alone = await openWorkspace({ files: flake });
    await using both = await openWorkspace({
      files: { ...flake, 'default.nix': `{ a }: assert a == 1; ${app}` },
    });
    const flags = ['check', '--arg', 'a', '1'];
    const refused = await runCommand(flags, alone.root);
    assert.match(refused.stderr, /--arg and --argstr need --file/);
    assert.equal(refused.exitCode, 2);
    const { exitCode, stderr } = await runCommand(flags, both.root);
    assert.equal(exitCode, 0, stderr);
  });

  test('a closure that could not be read whole is not called clean', async () => {
    using store = new SyntheticStore();
    const lost = store.describe({ name: 'lost' });
    const { drvPath } = store.add({ name: 'app', inputs: [lost] });
    const { exitCode, stdout, stderr } = await runCommand(['check', drvPath], store.dir);
    assert.match(stdout, /^\? app, .*needs it, as far as it could be read$/m);
    assert.match(stdout, /^gap: .*lost\.drv/m);
    assert.match(stderr, /^warning: 1 derivation of the closure could not be read/);
    assert.equal(exitCode, 2);
  });
});
