import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fixesOf } from '../support/fixes.ts';
import { expectReport, openWorkspace } from '../support/workspace.ts';

const cross = `pkgs = import set { system = "x86_64-linux"; crossSystem = "aarch64-linux"; };`;

interface Case {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly rule: string;
  /** What is told beside it. */
  readonly notes?: readonly string[];
  /** `file:line text` of the place to repair first. */
  readonly origin: string;
  /** `variable:line text`. */
  readonly use: RegExp;
  /** New text of the edits of one proven repair. */
  readonly repair: string;
}

const cases: readonly Case[] = [
  {
    name: 'a phase runs a program of the host platform',
    files: {
      'default.nix': `{ set }:
let
  ${cross}
in
pkgs.stdenv.mkDerivation {
  name = "root";
  buildPhase = ''
    echo start
    \${pkgs.jq}/bin/jq . < in > out
  '';
}`,
    },
    rule: 'build-script',
    origin: 'default.nix:9 pkgs.jq',
    use: /^buildPhase:2 \S+-jq\/bin\/jq \. < in > out$/,
    repair: '.pkgsBuildHost',
  },
  {
    name: 'a package file runs an argument of callPackage',
    files: {
      'default.nix': `{ set }:
let
  ${cross}
in
pkgs.callPackage ./root.nix { }`,
      'root.nix': `{ stdenv, buildPackages, jq }:
stdenv.mkDerivation {
  name = "root";
  buildPhase = "\${jq}/bin/jq . | tee out";
}`,
    },
    rule: 'build-script',
    origin: 'root.nix:4 jq',
    use: /^buildPhase:1 /,
    repair: 'buildPackages.jq',
  },
  {
    name: 'a setup hook has a program of the host platform in the place of a word',
    files: {
      'default.nix': `{ set }:
let
  ${cross}
  hook = pkgs.runCommand "hook" { jq = "\${pkgs.jq}/bin/jq"; } ''
    mkdir -p $out/nix-support
    substituteAll \${./hook.sh} $out/nix-support/setup-hook
  '';
in
pkgs.stdenv.mkDerivation { name = "root"; nativeBuildInputs = [ hook ]; }`,
      'hook.sh': 'jqHook() {\n  @jq@ . < in > out\n}\npreBuildHooks+=(jqHook)\n',
    },
    rule: 'build-script',
    origin: 'default.nix:4 pkgs.jq',
    notes: ['info build-platform'],
    use: /^setup-hook:2 \S+-jq\/bin\/jq \. < in > out$/,
    repair: '.pkgsBuildHost',
  },
  {
    name: 'a setup hook brings a program of the host platform along, and starts it',
    files: {
      'default.nix': `{ set }:
let
  ${cross}
  makeHook = deps: script: pkgs.runCommand "hook" { } ''
    mkdir -p $out/nix-support
    cp \${script} $out/nix-support/setup-hook
    printWords \${toString deps} > $out/nix-support/propagated-build-inputs
  '';
in
pkgs.stdenv.mkDerivation {
  name = "root";
  nativeBuildInputs = [ (makeHook [ pkgs.jq ] ./hook.sh) ];
}`,
      'hook.sh': 'jqHook() {\n  jq . < in > out\n}\npreBuildHooks+=(jqHook)\n',
    },
    rule: 'build-script',
    origin: 'default.nix:12 pkgs.jq',
    notes: ['info build-platform'],
    use: /^setup-hook:2 jq \. < in > out$/,
    repair: '.pkgsBuildHost',
  },
  {
    name: 'an installed script names a shell of the build platform',
    files: {
      'default.nix': `{ set }:
let
  ${cross}
in
pkgs.stdenv.mkDerivation {
  name = "root";
  installPhase = ''
    cat > $out/bin/tool <<EOF
    #!\${pkgs.buildPackages.hello}/bin/sh
    EOF
  '';
}`,
    },
    rule: 'runtime-script',
    origin: 'default.nix:9 pkgs.buildPackages.hello',
    use: /^installPhase:2 #!\S+-hello\/bin\/sh$/,
    repair: '',
  },
];

describe('what scripts do under cross-compilation', () => {
  for (const example of cases) {
    test(example.name, async () => {
      await using open = await openWorkspace({ files: example.files });
      const report = expectReport(await open.evaluator.run(open.request, open.options));
      assert.equal(report.probes.fallbackReason, undefined);
      assert.deepEqual(
        report.leaks.map(({ rule, severity }) => `${severity} ${rule}`),
        [`warning ${example.rule}`, ...(example.notes ?? [])],
      );
      const [leak] = report.leaks;
      const [origin] = leak?.origins ?? [];
      assert.ok(leak && origin);
      const place = `${origin.source.file.slice(open.root.length + 1)}:${origin.source.range.start.line + 1}`;
      assert.equal(`${place} ${origin.text}`, example.origin);
      const [use] = leak.edges[0]?.scriptUses ?? [];
      assert.match(`${use?.variable}:${use?.line} ${use?.text}`, example.use);
      const fixes = await fixesOf(report, open);
      const proven = fixes
        .filter((fix) => fix.proof.kind === 'proven')
        .map((fix) => fix.edits.map((edit) => edit.newText.trim()).join(''));
      assert.ok(proven.includes(example.repair), JSON.stringify(fixes, undefined, 1));
    });
  }
});

test('a mistake far below an expression is not blamed on it, and nothing is put in its place', async () => {
  const inner = `{ pkgs }: pkgs.stdenv.mkDerivation { name = "inner"; nativeBuildInputs = [ pkgs.jq ]; }`;
  const files = {
    'default.nix': `{ set }:
let
  ${cross}
  library = builtins.toFile "library.nix" ${JSON.stringify(inner)};
in
pkgs.stdenv.mkDerivation { name = "root"; buildInputs = [ (import library { inherit pkgs; }) ]; }`,
  };
  await using open = await openWorkspace({ files });
  const report = expectReport(await open.evaluator.run(open.request, open.options));
  const [leak] = report.leaks;
  assert.equal(leak?.rule, 'build-platform');
  const [origin] = leak.origins;
  assert.match(origin?.through ?? '', /^inner/);
  assert.equal(leak.reason, undefined);
  const fixes = await fixesOf(report, open);
  assert.deepEqual(fixes, []);
});
