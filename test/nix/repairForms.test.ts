import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { applyEdits } from '../../server/src/fixes/applyEdits.ts';
import { fixesOf } from '../support/fixes.ts';
import { expectReport, openWorkspace, type Workspace } from '../support/workspace.ts';

/** A package set for aarch64-linux with what nixpkgs has: nested sets, paths as strings, compilers. */
const cross = `pkgs = import set {
    system = "x86_64-linux"; crossSystem = "aarch64-linux";
    overlays = [ (final: prev:
      let make = name: passthru: prev.stdenv.mkDerivation { inherit name passthru; };
      in {
        bash = make "bash-5" { };
        runtimeShell = "\${final.bash}/bin/bash";
        stdenv = prev.stdenv // {
          shell = "\${final.buildPackages.bash}/bin/bash";
          cc = (import set { system = prev.stdenv.buildPlatform.system; targetSystem = prev.stdenv.hostPlatform.system; }).cc;
        };
        xorg = { lndir = make "lndir-1" { }; libX11 = make "libX11-1" { }; };
        python3 = make "python3-3" { interpreter = "\${final.python3}/bin/python3"; pkgs.mako = make "mako-1" { }; };
        pkgsBuildBuild = final.buildPackages;
      }) ];
  };
  lib = pkgs.lib;`;

const top = (text: string): string => `{ set }:\nlet\n  ${cross}\nin\n${text}\n`;
const called = 'pkgs.callPackage ./root.nix { }';

interface Case {
  readonly name: string;
  readonly before: string;
  /** What the first proven repair leaves. */
  readonly after: string;
  /** The file is called by callPackage; else it stands where `pkgs` is in scope. */
  readonly isPackage?: true;
}

/** Applies the first proven repair, and what is left to repair of the files as they are then. */
async function repaired(files: Workspace['files']): Promise<{ files: Record<string, string>; left: number }> {
  await using open = await openWorkspace({ files });
  const report = expectReport(await open.evaluator.run(open.request, open.options));
  assert.equal(report.probes.fallbackReason, undefined);
  const [fix] = await fixesOf(report, open);
  assert.equal(fix?.proof.kind, 'proven', JSON.stringify(fix, undefined, 1));
  const changed = applyEdits(fix.edits, report.sources);
  for (const [file, text] of changed) await writeFile(file, text);
  const again = expectReport(await open.evaluator.run(open.request, open.options));
  const of = again.leaks.filter(({ severity }) => severity !== 'info');
  const { system } = report.graph.derivation(report.graph.root);
  assert.equal(again.graph.derivation(again.graph.root).system, system);
  return {
    files: Object.fromEntries([...changed].map(([file, text]) => [file.slice(open.root.length + 1), text])),
    left: of.length,
  };
}

function check(cases: readonly Case[]): void {
  for (const { name, before, after, isPackage } of cases) {
    test(name, async () => {
      const { files, left } = await repaired(
        isPackage ? { 'default.nix': top(called), 'root.nix': before } : { 'default.nix': top(before) },
      );
      assert.deepEqual(files, isPackage ? { 'root.nix': after } : { 'default.nix': top(after) });
      assert.equal(left, 0);
    });
  }
}

const native = (input: string): string =>
  `pkgs.stdenv.mkDerivation { name = "root"; nativeBuildInputs = ${input}; }`;
const script = (text: string): string =>
  `pkgs.stdenv.mkDerivation { name = "root"; postInstall = "substituteInPlace $out/bin/tool --replace jq ${text}"; }`;

describe('what runs at build time is taken from the build platform’s set', () => {
  check([
    {
      name: 'a nested set of a package set',
      before: native('[ pkgs.xorg.lndir ]'),
      after: native('[ pkgs.pkgsBuildHost.xorg.lndir ]'),
    },
    {
      name: 'a nested set that a `with` gives, in a list of a condition',
      before: native('lib.optionals true (with pkgs; [ xorg.lndir ])'),
      after: native('lib.optionals true (with pkgs; [ pkgsBuildHost.xorg.lndir ])'),
    },
    {
      name: 'the argument of a function',
      before: native('lib.optional true pkgs.jq'),
      after: native('lib.optional true pkgs.pkgsBuildHost.jq'),
    },
    {
      name: 'a set within a package',
      before: native('[ pkgs.python3.pkgs.mako ]'),
      after: native('[ pkgs.pkgsBuildHost.python3.pkgs.mako ]'),
    },
    {
      name: 'a name that a `let` inherits, and that has no other use',
      before: `let inherit (pkgs.xorg) lndir libX11; in\n${native('[ lndir ]')}`,
      after: `let inherit (pkgs.xorg) libX11; inherit (pkgs.pkgsBuildHost.xorg) lndir; in\n${native('[ lndir ]')}`,
    },
    {
      name: 'a name that a `let` binds, and that has no other use',
      before: `let mako = pkgs.python3.pkgs.mako; in\n${native('[ mako ]')}`,
      after: `let mako = pkgs.pkgsBuildHost.python3.pkgs.mako; in\n${native('[ mako ]')}`,
    },
    {
      name: 'an attribute that a set inherits',
      before: native('builtins.attrValues { inherit (pkgs) jq; }'),
      after: native('builtins.attrValues { inherit (pkgs.pkgsBuildHost) jq; }'),
    },
    {
      name: 'an argument that a call inherits',
      before: `let tool = { stdenv, lndir }: stdenv.mkDerivation { name = "tool"; nativeBuildInputs = [ lndir ]; };
in pkgs.callPackage tool { inherit (pkgs.xorg) lndir; }`,
      after: `let tool = { stdenv, lndir }: stdenv.mkDerivation { name = "tool"; nativeBuildInputs = [ lndir ]; };
in pkgs.callPackage tool { inherit (pkgs.pkgsBuildHost.xorg) lndir; }`,
    },
    {
      name: 'an argument, where the comma begins the lines',
      isPackage: true,
      before: `{ stdenv
, xorg
}:
stdenv.mkDerivation { name = "root"; nativeBuildInputs = [ xorg.lndir ]; }`,
      after: `{ stdenv
, pkgsBuildHost
, xorg
}:
stdenv.mkDerivation { name = "root"; nativeBuildInputs = [ pkgsBuildHost.xorg.lndir ]; }`,
    },
    {
      name: 'an argument, where the comma ends the lines',
      isPackage: true,
      before: `{
  stdenv,
  xorg,
}:
stdenv.mkDerivation { name = "root"; nativeBuildInputs = [ xorg.lndir ]; }`,
      after: `{
  pkgsBuildHost,
  stdenv,
  xorg,
}:
stdenv.mkDerivation { name = "root"; nativeBuildInputs = [ pkgsBuildHost.xorg.lndir ]; }`,
    },
    {
      name: 'a path that is a string: an interpreter',
      isPackage: true,
      before: `{ stdenv, python3 }:
stdenv.mkDerivation { name = "root"; buildPhase = "\${python3.interpreter} gen.py"; }`,
      after: `{ pkgsBuildHost, stdenv, python3 }:
stdenv.mkDerivation { name = "root"; buildPhase = "\${pkgsBuildHost.python3.interpreter} gen.py"; }`,
    },
    {
      name: 'a path that is a string: the shell',
      before: `pkgs.stdenv.mkDerivation { name = "root"; buildPhase = "\${pkgs.runtimeShell} build.sh"; }`,
      after: `pkgs.stdenv.mkDerivation { name = "root"; buildPhase = "\${pkgs.pkgsBuildHost.runtimeShell} build.sh"; }`,
    },
    {
      name: 'a compiler whose programs the build starts',
      isPackage: true,
      before: `{ stdenv }:
stdenv.mkDerivation { name = "root"; depsBuildBuild = [ stdenv.cc ]; }`,
      after: `{ buildPackages, stdenv }:
stdenv.mkDerivation { name = "root"; depsBuildBuild = [ buildPackages.stdenv.cc ]; }`,
    },
  ]);
});

describe('what outputs use is taken from the set for the host platform', () => {
  check([
    {
      name: 'a nested set',
      before: script('${pkgs.buildPackages.xorg.lndir}/bin/lndir'),
      after: script('${pkgs.xorg.lndir}/bin/lndir'),
    },
    {
      name: 'another name of the set, twice in one text',
      before: script('${pkgs.pkgsBuildBuild.jq}/bin/jq --replace again ${pkgs.pkgsBuildBuild.jq}/bin/jq'),
      after: script('${pkgs.jq}/bin/jq --replace again ${pkgs.jq}/bin/jq'),
    },
    {
      name: 'a set that a `let` binds',
      before: `let tools = pkgs.pkgsBuildBuild; in\n${script('${tools.jq}/bin/jq')}`,
      after: `let tools = pkgs.pkgsBuildBuild; in\n${script('${pkgs.jq}/bin/jq')}`,
    },
    {
      name: 'a package that a `let` binds',
      before: `let jq = pkgs.pkgsBuildHost.jq; in\n${script('${jq}/bin/jq')}`,
      after: `let jq = pkgs.jq; in\n${script('${jq}/bin/jq')}`,
    },
    {
      name: 'a package that a `let` inherits, by several of its outputs',
      before: `let inherit (pkgs.buildPackages) nix; in\n${script('${nix}/bin/nix --replace more ${nix.dev}/bin/nix')}`,
      after: `let inherit (pkgs) nix; in\n${script('${nix}/bin/nix --replace more ${nix.dev}/bin/nix')}`,
    },
    {
      name: 'a `with`',
      before: 'pkgs.stdenv.mkDerivation { name = "root"; buildInputs = with pkgs.buildPackages; [ jq ]; }',
      after: 'pkgs.stdenv.mkDerivation { name = "root"; buildInputs = with pkgs; [ jq ]; }',
    },
    {
      name: 'a set that a `with` gives',
      before:
        'with pkgs; stdenv.mkDerivation { name = "root"; buildInputs = [ buildPackages.xorg.libX11 ]; }',
      after: 'with pkgs; stdenv.mkDerivation { name = "root"; buildInputs = [ xorg.libX11 ]; }',
    },
    {
      name: 'an argument that nothing else uses makes place for the package',
      isPackage: true,
      before: `{ stdenv, buildPackages }:
stdenv.mkDerivation { name = "root"; installPhase = "ln -s \${buildPackages.jq}/bin/jq $out/bin/jq"; }`,
      after: `{ stdenv, jq }:
stdenv.mkDerivation { name = "root"; installPhase = "ln -s \${jq}/bin/jq $out/bin/jq"; }`,
    },
    {
      name: 'an argument that has other uses stays',
      isPackage: true,
      before: `{ stdenv, buildPackages }:
stdenv.mkDerivation {
  name = "root";
  nativeBuildInputs = [ buildPackages.git ];
  installPhase = "ln -s \${buildPackages.jq}/bin/jq $out/bin/jq";
}`,
      after: `{ jq, stdenv, buildPackages }:
stdenv.mkDerivation {
  name = "root";
  nativeBuildInputs = [ buildPackages.git ];
  installPhase = "ln -s \${jq}/bin/jq $out/bin/jq";
}`,
    },
    {
      name: 'a `let` that is of no use any more goes',
      isPackage: true,
      before: `{ stdenv, buildPackages }:
let
  inherit (buildPackages) jq;
in
stdenv.mkDerivation { name = "root"; installPhase = "ln -s \${jq}/bin/jq $out/bin/jq"; }`,
      after: `{ stdenv, jq }:
stdenv.mkDerivation { name = "root"; installPhase = "ln -s \${jq}/bin/jq $out/bin/jq"; }`,
    },
    {
      name: 'the shell of stdenv',
      isPackage: true,
      before: `{ stdenv, lib }:
stdenv.mkDerivation {
  name = "root";
  installPhase = ''
    cat > $out/bin/tool <<EOF
    #!\${stdenv.shell}
    exec \${stdenv.shell} -c true
    EOF
  '';
}`,
      after: `{ runtimeShell, stdenv, lib }:
stdenv.mkDerivation {
  name = "root";
  installPhase = ''
    cat > $out/bin/tool <<EOF
    #!\${runtimeShell}
    exec \${runtimeShell} -c true
    EOF
  '';
}`,
    },
    {
      name: 'the shell of the stdenv of a set',
      before: script('${pkgs.stdenv.shell}'),
      after: script('${pkgs.runtimeShell}'),
    },
    {
      name: 'the shell of the build platform',
      before: script('${pkgs.buildPackages.runtimeShell}'),
      after: script('${pkgs.runtimeShell}'),
    },
  ]);
});

describe('what only one of the uses in a `with` is wrong for is taken from another set there', () => {
  const within = (build: string, host: string): string =>
    `pkgs.stdenv.mkDerivation (with pkgs.buildPackages; { name = "root"; nativeBuildInputs = [ ${build} ]; buildInputs = [ ${host} ]; })`;
  check([
    {
      name: 'a right use beside it is of another package',
      before: within('xorg.lndir', 'jq'),
      after: within('xorg.lndir', 'pkgs.jq'),
    },
    {
      name: 'a right use beside it is of the same package',
      before: within('jq', 'jq'),
      after: within('jq', 'pkgs.jq'),
    },
  ]);
});

describe('a set that holds package sets is asked for the set within the package set', () => {
  const sets = (use: string): string =>
    `let sets = { own = pkgs; "my own" = pkgs; }; name = "own"; in\n${use}`;
  const uses: Readonly<Record<string, readonly [string, string]>> = {
    'a plain name': ['sets.own.jq', 'sets.own.pkgsBuildHost.jq'],
    'a name in quotes': ['sets."my own".jq', 'sets."my own".pkgsBuildHost.jq'],
    'a name that is computed': ['sets.${name}.jq', 'sets.${name}.pkgsBuildHost.jq'],
    'an output': ['sets.own.jq.out', 'sets.own.pkgsBuildHost.jq.out'],
    'the function getAttr': [
      '(builtins.getAttr "jq" sets.own)',
      '(builtins.getAttr "jq" sets.own.pkgsBuildHost)',
    ],
    'getAttr of a whole package set': [
      '(builtins.getAttr "jq" pkgs)',
      '(builtins.getAttr "jq" pkgs.pkgsBuildHost)',
    ],
  };
  const phase = (use: string): string =>
    sets(`pkgs.stdenv.mkDerivation { name = "root"; buildPhase = "\${${use}}/bin/jq . x"; }`);
  check(
    Object.entries(uses).flatMap(([name, [wrong, right]]) => [
      {
        name: `${name}, in a list`,
        before: sets(native(`[ ${wrong} ]`)),
        after: sets(native(`[ ${right} ]`)),
      },
      { name: `${name}, in a text`, before: phase(wrong), after: phase(right) },
    ]),
  );
});

describe('a native package that an overlay names is blamed where it is named, not where it is used', () => {
  const overlay = (value: string): string => `let
  native = import set { system = "x86_64-linux"; };
  own = import set {
    system = "x86_64-linux";
    crossSystem = "aarch64-linux";
    overlays = [ (final: prev: {
      mytool = ${value};
      withTool = prev.stdenv.mkDerivation { name = "with-tool"; buildInputs = [ final.mytool ]; };
    }) ];
  };
in
own.withTool`;
  check([{ name: 'in buildInputs', before: overlay('native.hello'), after: overlay('final.hello') }]);
});

describe('an overlay takes packages from the sets that it is called with', () => {
  const overlay = (bindings: string): string => `let
  outer = import set { system = "x86_64-darwin"; };
  own = import set { system = "x86_64-linux"; overlays = [ (final: prev: { ${bindings} }) ]; };
in
own.stdenv.mkDerivation { name = "root"; inputs = [ own.git own.tool or null ]; }`;
  check([
    {
      name: 'the one before it for a package that it overrides',
      before: overlay('git = outer.git;'),
      after: overlay('git = prev.git;'),
    },
    {
      name: 'the same, inherited',
      before: overlay('inherit (outer) git;'),
      after: overlay('inherit (prev) git;'),
    },
    {
      name: 'the last one for another package',
      before: overlay('tool = outer.hello;'),
      after: overlay('tool = final.hello;'),
    },
  ]);
});
