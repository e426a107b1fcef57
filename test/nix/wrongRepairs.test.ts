import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ProofSubject } from '../../server/src/fixes/proof/attempts.ts';
import { proveFixes } from '../../server/src/fixes/proveFixes.ts';
import { cross, provenLines } from '../support/provenLines.ts';
import { fixesOf } from '../support/fixes.ts';
import { testParser } from '../support/parser.ts';
import { policed } from '../support/policed.ts';
import { expectReport, openWorkspace, type Workspace } from '../support/workspace.ts';

describe('what reads the text of an edited file sees the edit', () => {
  const readingItself = (reads: string) => ({
    'default.nix': `{ set }:
let
  ${cross}
  text = ${reads};
  isRepaired = builtins.length (builtins.split "(pkgsBuildHost|buildPackages)[.]jq" text) > 1;
in
pkgs.stdenv.mkDerivation {
  name = "root";
  nativeBuildInputs = [
    pkgs.jq
    (if isRepaired then pkgs.vim else pkgs.pkgsBuildHost.vim)
  ];
}`,
  });
  for (const reads of ['builtins.readFile ./default.nix', 'builtins.readFile "${./default.nix}"'])
    test(`${reads}: nothing is proven that makes something else wrong`, async () => {
      assert.deepEqual(await provenLines(readingItself(reads)), []);
    });

  test('what reads another file is repaired as ever', async () => {
    const files = { ...readingItself('builtins.readFile ./other.nix'), 'other.nix': '1' };
    assert.deepEqual(await provenLines(files), [['    pkgs.pkgsBuildHost.jq']]);
  });
});

describe('only the use that is wrong is edited', () => {
  test('where a binding has other uses, which are right', async () => {
    const lines = await provenLines({
      'default.nix': `{ set }:
let
  ${cross}
  variant = "jq";
  pkg = pkgs.\${variant};
  conf = pkgs.runCommand "thing.conf" { } "\${pkg}/bin/jq . \${./x.json} > $out";
  unit = pkgs.writeText "thing.service" "ExecStart=\${pkg}/bin/jq --args \${conf}";
in
unit`,
      'x.json': '{}',
    });
    assert.deepEqual(lines, [
      [
        '  conf = pkgs.runCommand "thing.conf" { } "${pkgs.pkgsBuildHost.${variant}}/bin/jq . ${./x.json} > $out";',
      ],
    ]);
  });

  test('where one derivation uses it rightly as well', async () => {
    const lines = await provenLines({
      'default.nix': `{ set }:
let
  ${cross}
  jq = pkgs.jq;
in
pkgs.stdenv.mkDerivation {
  name = "root";
  nativeBuildInputs = [ jq ];
  postInstall = "ln -s \${jq}/bin/jq $out/bin/";
}`,
    });
    assert.deepEqual(lines, [['  nativeBuildInputs = [ pkgs.pkgsBuildHost.jq ];']]);
  });

  test('where one line uses it rightly as well', async () => {
    const lines = await provenLines({
      'default.nix': `{ set }:
let
  ${cross}
in
pkgs.callPackage ./tool.nix { }`,
      'tool.nix': `{ stdenv, jq }:
stdenv.mkDerivation {
  name = "tool";
  buildPhase = "\${jq}/bin/jq --arg jq \${jq}/bin/jq . > settings.json";
}`,
    });
    assert.deepEqual(lines, [
      [
        '{ pkgsBuildHost, stdenv, jq }:',
        '  buildPhase = "${pkgsBuildHost.jq}/bin/jq --arg jq ${jq}/bin/jq . > settings.json";',
      ],
    ]);
  });

  test('where a variable has it as a flag that nothing runs as well', async () => {
    const lines = await provenLines({
      'default.nix': `{ set }:
let
  ${cross}
in
pkgs.callPackage ./tool.nix { }`,
      'tool.nix': `{ stdenv, python3 }:
stdenv.mkDerivation {
  name = "tool";
  makeFlags = [
    "PYTHON=\${python3}/bin/python3"
    "INSTALLED_PYTHON=\${python3}/bin/python3"
  ];
}`,
    });
    assert.deepEqual(lines, [
      ['{ pkgsBuildHost, stdenv, python3 }:', '    "PYTHON=${pkgsBuildHost.python3}/bin/python3"'],
    ]);
  });

  test('in what a derivation has several of, which are named alike', async () => {
    const lines = await provenLines({
      'default.nix': `{ set }:
let
  ${cross}
  render = data: pkgs.runCommand "rendered.json" { inherit data; } "\${pkgs.jq}/bin/jq . > $out";
in
pkgs.stdenv.mkDerivation {
  name = "root";
  installPhase = ''
${['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `    cp \${render "${name}"} $out/${name}`).join('\n')}
  '';
}`,
    });
    assert.deepEqual(lines, [
      [
        '  render = data: pkgs.runCommand "rendered.json" { inherit data; } "${pkgs.pkgsBuildHost.jq}/bin/jq . > $out";',
      ],
    ]);
  });

  test('where a script uses it in many lines', async () => {
    const uses = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => `    \${jq}/bin/jq . > ${name}`);
    const lines = await provenLines({
      'default.nix': `{ set }:
let
  ${cross}
in
pkgs.callPackage ./tool.nix { }`,
      'tool.nix': `{ stdenv, jq }:
stdenv.mkDerivation {
  name = "tool";
  buildPhase = ''
${uses.join('\n')}
  '';
}`,
    });
    assert.deepEqual(lines, [
      ['{ pkgsBuildHost, stdenv, jq }:', ...uses.map((line) => line.replace('${jq}', '${pkgsBuildHost.jq}'))],
    ]);
  });
});

describe('the new input is the same package', () => {
  test('where another one is given by the name that a file uses', async () => {
    const lines = await provenLines({
      'default.nix': `{ set }:
let
  ${cross}
in
pkgs.callPackage ./tool.nix { python = pkgs.python3; }`,
      'tool.nix': `{ stdenv, python }:
stdenv.mkDerivation { name = "tool"; nativeBuildInputs = [ python ]; }`,
    });
    assert.deepEqual(lines, [['pkgs.callPackage ./tool.nix { python = pkgs.pkgsBuildHost.python3; }']]);
  });

  test('where that name has another configuration of it', async () => {
    const lines = await provenLines({
      'default.nix': `{ set }:
let
  ${cross}
in
pkgs.callPackage ./tool.nix { python = pkgs.python.overrideAttrs { withMako = "1"; }; }`,
      'tool.nix': `{ stdenv, python }:
stdenv.mkDerivation { name = "tool"; nativeBuildInputs = [ python ]; }`,
    });
    assert.deepEqual(lines, [
      [
        'pkgs.callPackage ./tool.nix { python = pkgs.pkgsBuildHost.python.overrideAttrs { withMako = "1"; }; }',
      ],
    ]);
  });

  test('where a file has an argument of that name, which is another configuration of it', async () => {
    const lines = await provenLines({
      'default.nix': `{ set }:
let
  ${cross}
in
pkgs.callPackage ./tool.nix { jq = pkgs.jq.overrideAttrs { withRegex = "1"; }; }`,
      'tool.nix': `{ stdenv, jq, buildPackages }:
stdenv.mkDerivation { name = "tool"; own = jq; installPhase = "ln -s \${buildPackages.jq}/bin/jq $out/bin/jq"; }`,
    });
    assert.deepEqual(lines, []);
  });

  test('where another package set has it with a patch', async () => {
    const withOverlay = (overlay: string): Workspace['files'] => ({
      'default.nix': `{ set }:
let
  ${cross}
  native = import set { system = "x86_64-linux"; overlays = [ (final: prev: { ${overlay} }) ]; };
in
pkgs.stdenv.mkDerivation {
  name = "root";
  buildInputs = [ native.jq ];
}`,
    });
    assert.deepEqual(
      await provenLines(withOverlay('jq = prev.jq.overrideAttrs { patches = [ "a" ]; };')),
      [],
    );
    assert.deepEqual(await provenLines(withOverlay('more = prev.jq;')), [['  buildInputs = [ pkgs.jq ];']]);
  });

  test('where an environment would lose a package', async () => {
    const lines = await provenLines({
      'default.nix': `{ set }:
let
  ${cross}
in
pkgs.stdenv.mkDerivation {
  name = "root";
  nativeBuildInputs = [ (pkgs.environment [ pkgs.tool ]) ];
}`,
    });
    assert.deepEqual(lines, []);
  });

  test('but a package may be compiled without what only the other platform has', async () => {
    const lines = await provenLines({
      'default.nix': `{ set }:
let
  pkgs = import set {
    system = "x86_64-linux"; crossSystem = "aarch64-linux";
    overlays = [ (final: prev: {
      jq = prev.stdenv.mkDerivation { name = "jq"; buildInputs = prev.lib.optional (prev.stdenv.hostPlatform.system == "aarch64-linux") prev.hello; };
    }) ];
  };
in
pkgs.stdenv.mkDerivation {
  name = "root";
  nativeBuildInputs = [ pkgs.jq ];
}`,
    });
    assert.deepEqual(lines, [['  nativeBuildInputs = [ pkgs.pkgsBuildHost.jq ];']]);
  });

  test('where a text names a program by two parts of one package', async () => {
    const lines = await provenLines({
      'default.nix': `{ set }:
let
  ${cross}
in
pkgs.callPackage ./root.nix { }`,
      'root.nix': `{ stdenv, pkgconfig }:
stdenv.mkDerivation {
  name = "root";
  buildPhase = "\${pkgconfig}/bin/\${pkgconfig.targetPrefix}pkg-config --version";
}`,
    });
    assert.deepEqual(lines, [
      [
        '{ pkgsBuildHost, stdenv, pkgconfig }:',
        '  buildPhase = "${pkgsBuildHost.pkgconfig}/bin/${pkgsBuildHost.pkgconfig.targetPrefix}pkg-config --version";',
      ],
    ]);
  });
});

test('a package that is linked statically has a twin that is not marked so', async () => {
  const lines = await provenLines({
    'default.nix': `{ set }:
let
  pkgs = import set {
    system = "x86_64-linux"; crossSystem = "aarch64-linux";
    overlays = [ (final: prev: { tool = prev.stdenv.mkDerivation {
      name = if prev.stdenv.hostPlatform.system == "x86_64-linux" then "tool-1.8" else "tool-static-aarch64-unknown-linux-gnu-1.8";
    }; }) ];
  };
in
pkgs.stdenv.mkDerivation {
  name = "root";
  nativeBuildInputs = [ pkgs.tool ];
}`,
  });
  assert.deepEqual(lines, [['  nativeBuildInputs = [ pkgs.pkgsBuildHost.tool ];']]);
});

test('what a script starts comes from the other platform with it', async () => {
  const lines = await provenLines({
    'default.nix': `{ set }:
let
  ${cross}
in
pkgs.stdenv.mkDerivation { name = "root"; nativeBuildInputs = [ (import ./tool.nix { inherit pkgs; }) ]; }`,
    'tool.nix': `{ pkgs }:
pkgs.writeText "tool" "exec \${pkgs.jq}/bin/jq"`,
  });
  assert.deepEqual(lines, [
    [
      'pkgs.stdenv.mkDerivation { name = "root"; nativeBuildInputs = [ (import ./tool.nix { pkgs = pkgs.pkgsBuildHost; }) ]; }',
    ],
  ]);
});

test('the same mistake deep in the package set is another matter', async () => {
  const lines = await provenLines({
    'default.nix': `{ set }:
let
  ${cross}
in
pkgs.stdenv.mkDerivation {
  name = "root";
  buildInputs = [ pkgs.curl ];
  nativeBuildInputs = [ pkgs.hello ];
}`,
  });
  assert.deepEqual(lines, [['  nativeBuildInputs = [ pkgs.pkgsBuildHost.hello ];']]);
});

test('what stays wrong in a derivation that a repair does not reach is counted', async () => {
  const text = `{ set }:
let
  ${cross}
  lib = pkgs.stdenv.mkDerivation { name = "lib"; nativeBuildInputs = [ pkgs.hello ]; };
in
pkgs.stdenv.mkDerivation {
  name = "root";
  buildInputs = [ lib (import ./other.nix { inherit pkgs; }) ];
}`;
  const other = `{ pkgs }: pkgs.stdenv.mkDerivation { name = "other"; nativeBuildInputs = [ pkgs.hello ]; }`;
  await using open = await openWorkspace({ files: { 'default.nix': text, 'other.nix': other } });
  const report = expectReport(await open.evaluator.run(open.request, open.options));
  const statements = (await fixesOf(report, open)).flatMap(({ edits, proof }) =>
    proof.kind === 'proven' && edits.length === 1 ? proof.statement : [],
  );
  assert.notEqual(statements.length, 0);
  for (const statement of statements) assert.equal(statement, '2 → 1 wrong uses, 2 derivations change');
});

test('a repair holds for every target that reads the file, or it is not proven', async () => {
  const files = {
    'default.nix': `{ set }:
let
  pkgs = import set { };
  linux = import set { system = "x86_64-linux"; };
in
{
  server = linux.stdenv.mkDerivation { name = "server"; buildInputs = [ pkgs.vim ]; };
  laptop = pkgs.stdenv.mkDerivation { name = "laptop"; buildInputs = [ pkgs.vim ]; };
}`,
  };
  await using open = await openWorkspace({ files }, { as: 'x86_64-darwin' });
  const subjects = [];
  for (const attribute of ['server', 'laptop']) {
    const request = { ...open.request, target: { ...open.request.target, attribute } };
    const report = await policed(expectReport(await open.evaluator.run(request, open.options)));
    subjects.push({ label: attribute, report, options: open.options });
  }
  const [server, laptop] = subjects;
  assert.ok(server && laptop);
  assert.deepEqual(laptop.report.leaks, []);
  const told = async (of: readonly ProofSubject[]): Promise<string[]> => {
    const options = { signal: open.options.signal, timeLimitMs: 120_000 };
    const proven = await proveFixes(of, await testParser(), open.evaluator, options);
    return (proven.get(server.report) ?? []).map(({ edits, proof }) =>
      [edits[0]?.newText, proof.kind === 'proven' ? proof.statement : proof.reason].join(': '),
    );
  };
  assert.deepEqual(await told([server]), [
    'linux: 1 → 0 darwin-built, 1 derivation changes',
    ' system = "x86_64-linux";: 1 → 0 darwin-built, 1 derivation changes',
  ]);
  assert.deepEqual(await told(subjects), ['linux: 1 → 0 darwin-built, 1 derivation changes']);
});
