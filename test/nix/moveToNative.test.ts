import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { applyEdits } from '../../server/src/fixes/applyEdits.ts';
import { fixesOf } from '../support/fixes.ts';
import { expectReport, openWorkspace } from '../support/workspace.ts';

/** A set for aarch64-linux with a build tool, whose arguments of callPackage are spliced. */
const cross = `
  tools = final: prev: { bison = prev.stdenv.mkDerivation { name = "bison-3.7"; }; pkgsBuildHost = build; };
  build = import set { system = "x86_64-linux"; overlays = [ tools ]; };
  pkgs = import set {
    system = "x86_64-linux"; crossSystem = "aarch64-linux"; overlays = [ tools ];
    spliced = final: { bison = final.bison // { __spliced = { buildHost = build.bison; hostTarget = final.bison; }; }; };
  };`;

describe('a build tool in buildInputs', () => {
  for (const [name, files, expected] of [
    [
      'an argument of callPackage, to a list that is there',
      {
        'default.nix': `{ set }: let ${cross} in pkgs.callPackage ./root.nix { }`,
        'root.nix': `{ stdenv, bison, hello, git }:
stdenv.mkDerivation {
  name = "root";
  nativeBuildInputs = [ ];
  buildInputs = [ git bison hello ];
  buildPhase = "bison -d parser.y";
}`,
      },
      `  nativeBuildInputs = [ bison ];
  buildInputs = [ git hello ];`,
    ],
    [
      'an argument of callPackage, to a list that has to be made',
      {
        'default.nix': `{ set }: let ${cross} in pkgs.callPackage ./root.nix { }`,
        'root.nix': `{ stdenv, bison, hello }:
stdenv.mkDerivation {
  name = "root";
  buildInputs = [
    hello
    bison
  ];
  buildPhase = "bison -d parser.y";
}`,
      },
      `  nativeBuildInputs = [
    bison
  ];
  buildInputs = [
    hello
  ];`,
    ],
    [
      'a selected package, which is not spliced',
      {
        'default.nix': `{ set }: let ${cross} in
pkgs.stdenv.mkDerivation {
  name = "root";
  buildInputs = with pkgs; [ hello pkgs.bison ];
  buildPhase = "bison -d parser.y";
}`,
      },
      `  nativeBuildInputs = [ pkgs.pkgsBuildHost.bison ];
  buildInputs = with pkgs; [ hello ];`,
    ],
  ] as const) {
    test(`is moved to nativeBuildInputs, proven: ${name}`, async () => {
      await using open = await openWorkspace({ files });
      const report = expectReport(await open.evaluator.run(open.request, open.options));
      assert.deepEqual(
        report.leaks.map(({ rule, severity, origins: [origin] }) => [
          severity,
          rule,
          origin?.text.split('.').at(-1),
        ]),
        [['warning', 'misplaced-tool', 'bison']],
      );
      const fixes = await fixesOf(report, open);
      const [proven] = fixes.filter(({ proof }) => proof.kind === 'proven');
      assert.ok(proven, JSON.stringify(fixes));
      const [text = ''] = applyEdits(proven.edits, report.sources).values();
      assert.ok(text.includes(expected), text);
    });
  }
});
