import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decisiveCause } from '../../server/src/model/report.ts';
import type { SourceRange } from '../../server/src/model/location.ts';
import { fixesOf } from '../support/fixes.ts';
import { policed } from '../support/policed.ts';
import { expectReport, openWorkspace, type OpenWorkspace } from '../support/workspace.ts';

const cross = 'pkgs = import set { system = "x86_64-linux"; crossSystem = "aarch64-linux"; };';

/** `file:line text`. */
function placeIn(
  { root }: OpenWorkspace,
  place: { source?: SourceRange; text?: string } | undefined,
): string {
  if (!place?.source) return 'none';
  const { file, range } = place.source;
  return `${file.slice(root.length + 1)}:${range.start.line + 1} ${place.text ?? ''}`;
}

describe('what is to blame where not the input is', () => {
  const home = `{ set }:
let
  base._module.args.pkgs = import set { system = "x86_64-linux"; crossSystem = "aarch64-linux"; };
  # As modules are: no name leads from an option's use to where it is set.
  merge = merged: module: merged // module { inherit config; inherit (base._module.args) pkgs; };
  config = builtins.foldl' merge { } [ (import ./options.nix) (import ./home.nix) ];
in
config.completions`;

  test('an option’s value is right where it is set, and wrong where it is used', async () => {
    await using open = await openWorkspace({
      files: {
        'default.nix': home,
        'options.nix': '{ config, pkgs }: {\n  shell.package = pkgs.jq;\n}',
        'home.nix': `{ config, pkgs }:
let
  cfg = config.shell;
in
{
  completions = pkgs.runCommand "completions" {
    nativeBuildInputs = [ cfg.package ];
  } "jq . > $out";
}`,
      },
    });
    const report = expectReport(await open.evaluator.run(open.request, open.options));
    const [leak] = report.leaks;
    assert.ok(leak);
    assert.equal(placeIn(open, leak.origins[0]), 'home.nix:7 cfg.package');
    assert.equal(placeIn(open, decisiveCause(leak, report)), 'home.nix:7 cfg.package');
  });

  for (const [what, board, use, cause] of [
    [
      'made for elsewhere',
      'import set { system = "x86_64-linux"; crossSystem = "riscv64-linux"; }',
      'board.jq',
      'default.nix:6 import set { system = "x86_64-linux"; crossSystem = "riscv64-linux"; }',
    ],
    [
      'for elsewhere that another one has',
      'null',
      'pkgs.pkgsCross.board.jq',
      'default.nix:7 pkgs.pkgsCross.board',
    ],
    [
      'that another one has by a name of its own',
      'pkgs.pkgsCross.board',
      'board.jq',
      'default.nix:6 pkgs.pkgsCross.board',
    ],
    [
      'for elsewhere that a function outside of the workspace made',
      'pkgs.pkgsi686Linux',
      'board.jq',
      'default.nix:6 pkgs.pkgsi686Linux',
    ],
  ] as const)
    test(`a package set ${what} is the cause, and splicing is not`, async () => {
      const files = {
        'default.nix': `{ set }:
let
  library = builtins.toFile "library.nix" "import \${set} { system = \\"riscv64-linux\\"; }";
  sets = { pkgsCross.board = import set { system = "x86_64-linux"; crossSystem = "riscv64-linux"; }; pkgsi686Linux = import library; };
  pkgs = import set { system = "x86_64-linux"; } // sets;
  board = ${board};
in pkgs.stdenv.mkDerivation { name = "root"; nativeBuildInputs = [ ${use} ]; }`,
      };
      await using open = await openWorkspace({ files });
      const report = expectReport(await open.evaluator.run(open.request, open.options));
      const [leak] = report.leaks;
      assert.ok(leak);
      assert.equal(placeIn(open, leak.origins[0]), `default.nix:7 ${use}`);
      assert.equal(placeIn(open, decisiveCause(leak, report)), cause);
      assert.equal(leak.reason?.kind, 'other-package-set');
      assert.match(leak.reason.message, /has the packages that run on riscv64-linux/);
    });

  for (const [what, expect, made, cause, repairs] of [
    [
      'for the build platform',
      'aarch64-linux',
      'pkgs.buildPackages.writeShellScript "run" "exec it"',
      'default.nix:4 pkgs.buildPackages',
      [''],
    ],
    [
      'for the host platform',
      'x86_64-linux',
      'pkgs.writeShellScript "run" "exec it"',
      'default.nix:3 { config = "aarch64-unknown-linux-gnu"; }',
      [],
    ],
  ] as const)
    test(`what was asked for is another platform than that of a set ${what}`, async () => {
      const files = {
        'default.nix': `{ set }:
let
  pkgs = import ./own.nix { inherit set; system = "x86_64-linux"; crossSystem = { config = "aarch64-unknown-linux-gnu"; }; };
in ${made}`,
        'own.nix':
          '{ set, system, crossSystem }: import set { inherit system; crossSystem = { aarch64-unknown-linux-gnu = "aarch64-linux"; }.${crossSystem.config}; }',
      };
      await using open = await openWorkspace({ files });
      const request = { ...open.request, expect };
      const report = expectReport(await open.evaluator.run(request, open.options));
      const [leak] = report.leaks;
      assert.equal(leak?.rule, 'expected-platform');
      assert.equal(placeIn(open, leak.origins[0]), `default.nix:4 ${made}`);
      assert.equal(placeIn(open, decisiveCause(leak, report)), cause);
      const fixes = await fixesOf(report, { ...open, request });
      const proven = fixes.filter(({ proof }) => proof.kind === 'proven');
      assert.deepEqual(
        proven.map(({ edits }) => edits.map(({ newText }) => newText).join('')),
        repairs,
      );
    });

  test('a consumer that follows the machine is the cause where the input’s system was named', async () => {
    const release = `{ set }:
let
  pkgs = import set { };
  build = builtins.listToAttrs (map (system: { name = system; value = (import set { inherit system; }).hello; }) [ "x86_64-linux" ]);
in
pkgs.runCommand "manual" { build = build.x86_64-linux; } "cp -r $build/share $out"`;
    await using open = await openWorkspace({ files: { 'default.nix': release } }, { as: 'x86_64-darwin' });
    const report = expectReport(await open.evaluator.run(open.request, open.options));
    const [leak] = report.leaks;
    assert.ok(leak);
    assert.equal(leak.reason?.kind, 'package-set-without-system');
    assert.equal(placeIn(open, decisiveCause(leak, report)), 'default.nix:3 import set { }');
    assert.match(placeIn(open, leak.origins[0]), /^default\.nix:6 pkgs\.runCommand/);
    const fixes = await fixesOf(report, open);
    const proven = fixes.filter(({ proof }) => proof.kind === 'proven');
    assert.deepEqual(
      proven.map(({ edits }) => edits.map(({ newText }) => newText.trim())),
      [['system = "x86_64-linux";']],
    );
  });

  test('a shell is for the machine of whoever enters it', async () => {
    const shell = `{ set }:
let
  pkgs = import set { } // { mkShell = pkgs.stdenv.mkDerivation; };
in
pkgs.mkShell { name = "shell"; hook = "\${(import set { system = "x86_64-linux"; }).hello}/bin/hello"; }`;
    await using open = await openWorkspace({ files: { 'default.nix': shell } }, { as: 'x86_64-darwin' });
    const report = expectReport(await open.evaluator.run(open.request, open.options));
    const [leak] = report.leaks;
    assert.ok(leak);
    assert.equal(leak.reason?.kind, 'hard-coded-system');
  });

  test('what packages of a set do wrongly is one finding for each, and names whose it is', async () => {
    const more = `final: prev: {
      reckless = final.stdenv.mkDerivation { name = "reckless"; nativeBuildInputs = [ final.jq ]; };
      machine = final.stdenv.mkDerivation { name = "machine"; buildInputs = [ final.careless final.reckless ]; };
    }`;
    const text = `{ set, more }: (import set { system = "x86_64-linux"; crossSystem = "aarch64-linux"; overlays = [ more ]; }).machine`;
    await using open = await openWorkspace({ files: { 'default.nix': text } });
    const { target } = open.request;
    assert.ok(target.kind === 'file');
    const given = { ...target.arguments, arg: [...target.arguments.arg, ['more', more] as const] };
    const request = { ...open.request, target: { ...target, arguments: given } };
    const report = expectReport(await open.evaluator.run(request, open.options));
    const { findings: all } = await policed(report);
    const findings = all.filter(({ severity }) => severity !== 'info');
    assert.deepEqual(
      findings
        .map(({ leaks: [{ reason }, ...rest] }) => [reason?.kind, reason?.message.split(',')[0], rest.length])
        .sort(),
      [
        ['package-set', 'careless', 0],
        ['package-set', 'reckless', 0],
      ],
    );
    assert.deepEqual(await fixesOf(report, open), []);
  });

  test('what a set makes of a package by override comes in where the package does', async () => {
    const more = `final: prev: {
      machine = package: final.stdenv.mkDerivation {
        name = "machine";
        buildInputs = [ package (package.override { flavour = "full"; }) (package.overrideAttrs (old: { flags = "x"; })) ];
      };
    }`;
    const text = `{ set, more }:
let
  pkgs = import set { system = "x86_64-linux"; overlays = [ more ]; };
  mac = import set { };
  tool = mac.callPackage ./tool.nix { };
in
pkgs.machine tool`;
    const tool = '{ stdenv, flavour ? "plain" }: stdenv.mkDerivation { name = "tool"; inherit flavour; }';
    await using open = await openWorkspace(
      { files: { 'default.nix': text, 'tool.nix': tool } },
      { as: 'x86_64-darwin' },
    );
    const { target } = open.request;
    assert.ok(target.kind === 'file');
    const given = { ...target.arguments, arg: [...target.arguments.arg, ['more', more] as const] };
    const request = { ...open.request, target: { ...target, arguments: given } };
    const report = expectReport(await open.evaluator.run(request, open.options));
    assert.equal(report.probes.level, 0);
    assert.equal(report.leaks.length, 3);
    const { findings } = await policed(report);
    assert.equal(findings.length, 1);
    for (const leak of report.leaks) {
      assert.equal(placeIn(open, decisiveCause(leak, report)), 'default.nix:4 import set { }');
      assert.equal(leak.origins[0]?.through, undefined);
    }
  });

  test('a cause prints one line of source', async () => {
    const text = `{ set }:
let
  ${cross}
in
pkgs.runCommand "root" {
  nativeBuildInputs = [
    (pkgs.stdenv.mkDerivation {
      name = "generator";
      buildCommand = ''
        first
        second
      '';
    })
  ];
} "generator > $out"`;
    await using open = await openWorkspace({ files: { 'default.nix': text } });
    const report = expectReport(await open.evaluator.run(open.request, open.options));
    const [leak] = report.leaks;
    assert.equal(leak?.reason?.kind, 'unspliced');
    assert.match(leak.reason.message, /generator/);
    assert.doesNotMatch(leak.reason.message, /\n/);
    assert.doesNotMatch(leak.reason.message, /second/);
  });
});

describe('a package set that is the workspace', () => {
  const files = (): Record<string, string> => ({
    'default.nix': 'import ./pkgs/top-level/default.nix',
    'pkgs/top-level/default.nix': `{ set, ... }@given: import set (removeAttrs given [ "set" ] // { overlays = [ (import ./by-name-overlay.nix ../by-name) (import ./all-packages.nix) ]; })`,
    'pkgs/top-level/by-name-overlay.nix': byName,
    'pkgs/top-level/all-packages.nix': 'final: prev: { table = final.callPackage ../tools/table { }; }',
    'pkgs/tools/table/default.nix': `{ stdenv, pkgs }:
stdenv.mkDerivation {
  name = "table";
  nativeBuildInputs = [ pkgs.jq ];
  src = ./table.json;
}`,
    'pkgs/tools/table/table.json': '{}',
    'pkgs/by-name/ot/other/package.nix':
      '{ stdenv, hello }: stdenv.mkDerivation { name = "other"; buildInputs = [ hello ]; }',
    'pkgs/by-name/re/report/package.nix': `{ stdenv, pkgs, other }:
stdenv.mkDerivation {
  name = "report";
  nativeBuildInputs = [ pkgs.jq ];
  buildInputs = [ other ];
}`,
  });
  // As in nixpkgs: the folders are listed, and links are not taken for folders.
  const byName = `directory:
let
  shards = builtins.readDir directory;
  isFolder = shard: shards.\${shard} == "directory";
  inShard = shard: map (name: { inherit name; value = directory + "/\${shard}/\${name}/package.nix"; })
    (builtins.attrNames (builtins.readDir (directory + "/\${shard}")));
  files = builtins.concatMap inShard (builtins.filter isFolder (builtins.attrNames shards));
in
final: prev: { _internalCallByNamePackageFile = file: final.callPackage file { }; }
// builtins.mapAttrs (name: final._internalCallByNamePackageFile) (builtins.listToAttrs files)`;

  for (const [attribute, file] of [
    ['table', 'pkgs/tools/table/default.nix'],
    ['report', 'pkgs/by-name/re/report/package.nix'],
  ] as const)
    test(`the package’s own file and line, of ${attribute}`, async () => {
      await using open = await openWorkspace({ files: files() }, { attribute });
      const { target } = open.request;
      assert.ok(target.kind === 'file');
      const platforms = [
        ['system', '"x86_64-linux"'],
        ['crossSystem', '"aarch64-linux"'],
      ] as const;
      const given = { ...target.arguments, arg: [...target.arguments.arg, ...platforms] };
      const request = { ...open.request, target: { ...target, arguments: given } };
      const report = expectReport(await open.evaluator.run(request, open.options));
      assert.deepEqual([report.probes.level, report.probes.files], [0, 1]);
      const [leak] = report.leaks;
      assert.ok(leak);
      assert.equal(placeIn(open, leak.origins[0]), `${file}:4 pkgs.jq`);
      assert.equal(leak.reason?.kind, 'unspliced');
    });
});
