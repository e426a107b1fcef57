import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { jsonReports, jsonReportSchema } from '../../server/src/output/jsonSchemas.ts';
import { runCommand } from '../support/command.ts';
import { openWorkspace } from '../support/workspace.ts';

const release = `{ set ? ../set.nix }:
let
  cross = import set { system = "x86_64-linux"; crossSystem = "aarch64-linux"; };
  run = name: cross.runCommand name { } "\${cross.jq}/bin/jq \${name} > $out";
in
{
  clean = (import set { system = "x86_64-linux"; }).hello;
  fails = run "first";
  both = cross.buildEnv { name = "both"; paths = [ (run "first") (run "second") ]; };
}`;

const targets = (...attributes: string[]): string =>
  JSON.stringify({ targets: attributes.map((attribute) => ({ file: 'release.nix', attribute })) });

const lock = {
  version: 9,
  root: 'root',
  nodes: { root: {} },
};

describe('words of the command', () => {
  const check = (root: string, ...args: string[]) => runCommand(['check', ...args, '--no-fixes'], root);

  test('a target with a warning is not counted as clean', async () => {
    const files = { 'release.nix': release, '.nix-platform-lens.json': targets('clean', 'fails') };
    await using workspace = await openWorkspace({ files });
    const args = ['--all', '--as', 'x86_64-linux', '--allow-path', '../set.nix'];
    const { exitCode, stdout } = await check(workspace.root, ...args);
    assert.match(stdout, /^2 evaluations: 1 clean, 1 with warnings, 0 leaking, 0 not told$/m);
    assert.equal(exitCode, 0);
    const json = await check(workspace.root, ...args, '--format', 'json');
    assert.deepEqual(jsonReports.parse(JSON.parse(json.stdout)).summary, {
      evaluations: 2,
      clean: 1,
      warned: 1,
      leaking: 0,
      unknown: 0,
    });
    const markdown = await check(workspace.root, ...args, '--format', 'markdown');
    assert.match(markdown.stdout, /^## ⚠️ Platforms: 1 of 2 closures clean$/m);
  });

  test('one evaluation is counted as one', async () => {
    const files = { 'release.nix': release, '.nix-platform-lens.json': targets('clean') };
    await using workspace = await openWorkspace({ files });
    const { stdout } = await check(
      workspace.root,
      '--all',
      '--as',
      'x86_64-linux',
      '--allow-path',
      '../set.nix',
    );
    assert.match(stdout, /^1 evaluation: 1 clean, 0 leaking, 0 not told$/m);
  });

  test('a script’s line says whose it is where there are several', async () => {
    await using workspace = await openWorkspace({ files: { 'release.nix': release } });
    const args = ['-f', 'release.nix', '--as', 'x86_64-linux', '-A'];
    const both = await check(workspace.root, ...args, 'both');
    assert.match(
      both.stdout,
      /^ {2}script {2}buildCommand:1 of first {2}\/nix\/store\/…-jq\/bin\/jq first > \$out$/m,
    );
    assert.match(
      both.stdout,
      /^ {2}script {2}buildCommand:1 of second {2}\/nix\/store\/…-jq\/bin\/jq second > \$out$/m,
    );
    const one = await check(workspace.root, ...args, 'fails');
    assert.match(one.stdout, /^ {2}script {2}buildCommand:1 {2}\/nix\/store\/…-jq\/bin\/jq first > \$out$/m);
    const json = await check(workspace.root, ...args, 'both', '--format', 'json');
    const { findings } = jsonReportSchema.parse(JSON.parse(json.stdout));
    assert.deepEqual(findings[0]?.scripts?.map(({ of }) => of).sort(), ['first', 'second']);
  });

  test('a lock file that is newer than Nix is one sentence, and where to name a newer one', async () => {
    const files = {
      'flake.nix': '{ outputs = { self }: { packages.x86_64-linux.default = null; }; }',
      'flake.lock': JSON.stringify(lock),
    };
    await using workspace = await openWorkspace({ files });
    const { exitCode, stderr } = await check(workspace.root, '.#packages.x86_64-linux.default');
    assert.equal(exitCode, 2);
    assert.match(stderr, /This flake needs a newer Nix than the one at hand/);
    assert.match(stderr, /`--nix FOLDER`; in the editor nixPlatformLens\.nix\.directory/);
  });
});
