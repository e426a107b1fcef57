import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cross, provenLines } from '../support/provenLines.ts';

describe('a package that a file is given is not the one of that name', () => {
  const patched = 'patched = p: p.jq.overrideAttrs { withRegex = "1"; };';

  test('where another repair beside it cannot be looked at in that way', async () => {
    const lines = await provenLines(
      {
        'default.nix': `{ set }:
let
  ${cross}
  ${patched}
  made = p: p.stdenv.mkDerivation { name = "native"; };
in
pkgs.stdenv.mkDerivation {
  name = "root";
  buildInputs = [
    (pkgs.callPackage ./tool.nix { jq = patched pkgs; })
    (pkgs.callPackage ./other.nix { native = made pkgs; })
  ];
}`,
        'tool.nix': `{ stdenv, jq }:
stdenv.mkDerivation { name = "tool"; nativeBuildInputs = [ jq ]; }`,
        'other.nix': `{ stdenv, native }:
stdenv.mkDerivation { name = "other"; nativeBuildInputs = [ native ]; }`,
      },
      2,
    );
    assert.deepEqual(lines, []);
  });

  test('where a file is given a few packages only', async () => {
    const withJq = (jq: string): Promise<string[][]> =>
      provenLines({
        'default.nix': `{ set }:
let
  ${cross}
  ${patched}
  plain = p: p.jq;
in
import ./tool.nix { inherit (pkgs) stdenv buildPackages; jq = ${jq} pkgs; }`,
        'tool.nix': `{ stdenv, buildPackages, jq }:
stdenv.mkDerivation { name = "tool"; nativeBuildInputs = [ jq ]; }`,
      });
    assert.deepEqual(await withJq('patched'), []);
    assert.deepEqual(await withJq('plain'), [
      ['stdenv.mkDerivation { name = "tool"; nativeBuildInputs = [ buildPackages.jq ]; }'],
      ['  plain = p: p.pkgsBuildHost.jq;'],
    ]);
  });
});

test('what a compiler starts while it runs comes with it', async () => {
  const lines = await provenLines({
    'default.nix': `{ set }:
let
  ${cross}
in
pkgs.stdenv.mkDerivation {
  name = "root";
  nativeBuildInputs = [ (pkgs.cc.overrideAttrs { wrapperTool = "\${pkgs.jq}/bin/jq"; }) ];
}`,
  });
  assert.deepEqual(lines, []);
});

test('a phase starts no program by a name that it has no more', async () => {
  const running = (command: string): Promise<string[][]> =>
    provenLines({
      'default.nix': `{ set }:
let
  ${cross}
in
pkgs.stdenv.mkDerivation {
  name = "root";
  nativeBuildInputs = [ pkgs.pkgconfig ];
  buildPhase = ''
    echo "pkg-config is told of zlib"
    ${command}
  '';
}`,
    });
  const repair = [['  nativeBuildInputs = [ pkgs.pkgsBuildHost.pkgconfig ];']];
  assert.deepEqual(await running('flags=$(pkg-config --libs zlib)'), []);
  assert.deepEqual(await running('test -n "$quiet" || PKG_CONFIG_PATH=. pkg-config --libs zlib'), []);
  assert.deepEqual(await running('flags=$(aarch64-unknown-linux-gnu-pkg-config --libs zlib)'), repair);
  assert.deepEqual(await running('make PKG_CONFIG=$PKG_CONFIG # pkg-config'), repair);
});

test('an installed script starts no program by the name that only the other package has', async () => {
  const starting = (program: string): Promise<string[][]> =>
    provenLines({
      'default.nix': `{ set }:
let
  ${cross}
in
pkgs.stdenv.mkDerivation {
  name = "root";
  installPhase = ''
    cat > $out/bin/tool <<EOF
    #!\${pkgs.buildPackages.pkgconfig}/bin/${program}
    EOF
  '';
}`,
    });
  assert.deepEqual(await starting('aarch64-unknown-linux-gnu-pkg-config'), []);
  assert.deepEqual(await starting('pkg-config'), [['    #!${pkgs.pkgconfig}/bin/pkg-config']]);
});

test('it is the same output of a package', async () => {
  const withNix = (nix: string): Promise<string[][]> =>
    provenLines({
      'default.nix': `{ set }:
let
  mac = import set { system = "x86_64-darwin"; };
  pkgs = import set { system = "x86_64-linux"; overlays = [ (final: prev: { nix = ${nix}; }) ]; };
in
pkgs.stdenv.mkDerivation { name = "root"; buildInputs = [ mac.nix ]; }`,
    });
  const whole = (await withNix('prev.nix')).flat();
  assert.ok(
    whole.some((line) => line.includes('[ pkgs.nix ]')),
    whole.join('\n'),
  );
  const part = (await withNix('prev.nix.dev')).flat();
  assert.deepEqual(
    part.filter((line) => line.includes('[ pkgs.nix ]')),
    [],
  );
});

describe('what is right in a derivation stays so, where more of a cause is repaired', () => {
  test('in another list', async () => {
    const lines = await provenLines(
      {
        'default.nix': `{ set }:
let
  ${cross}
  system = "x86_64-linux";
  arm = import set { system = "aarch64-linux"; };
in
pkgs.stdenv.mkDerivation {
  name = "root";
  nativeBuildInputs = [ arm.jq arm.hello ];
  buildInputs = [ arm.jq ];
}`,
      },
      2,
    );
    assert.deepEqual(
      lines.flat().filter((line) => line.includes('import set')),
      [],
    );
  });

  test('in the same line', async () => {
    const lines = await provenLines(
      {
        'default.nix': `{ set }:
let
  ${cross}
  arm = import set { system = "aarch64-linux"; };
  other = import set { system = "aarch64-linux"; };
in
pkgs.stdenv.mkDerivation {
  name = "root";
  nativeBuildInputs = [ arm.hello ];
  buildPhase = "\${other.jq}/bin/jq --arg jq \${arm.jq}/bin/jq . > settings.json";
}`,
      },
      2,
    );
    assert.deepEqual(lines, []);
  });
});

test('that nobody here can build the root is no reason to make another one', async () => {
  const lines = await provenLines({
    'default.nix': `{ set }:
let
  linux = import set { system = "x86_64-linux"; };
  other = import set { system = "x86_64-linux"; overlays = [ (final: prev: { vim = prev.vim.overrideAttrs { small = "1"; }; }) ]; };
  isLinux = linux.system == "x86_64-linux";
in
(if isLinux then import set { system = "x86_64-darwin"; } else other).stdenv.mkDerivation {
  name = "root";
  buildInputs = [ (if isLinux then linux.vim else other.vim) ];
}`,
  });
  assert.deepEqual(lines, []);
});

describe('what another repair hides from the comparison is compared without it', () => {
  // For the build platform it is another version.
  const tool = `{ pkgs }:
pkgs.stdenv.mkDerivation { name = "tool"; nativeBuildInputs = [ pkgs.special ]; }`;

  test('where that one makes another root', async () => {
    const lines = await provenLines(
      {
        'default.nix': `{ set }:
let
  ${cross}
  linux = import set { system = "x86_64-linux"; };
in
linux.stdenv.mkDerivation {
  name = "root";
  src = builtins.toFile "source" "";
  tools = import ./tool.nix { inherit pkgs; };
}`,
        'tool.nix': tool,
      },
      2,
      { expect: 'aarch64-linux' },
    );
    assert.deepEqual(
      lines.flat().filter((line) => line.includes('special')),
      [],
    );
    assert.notDeepEqual(lines, []);
  });

  test('where that one moves what needs it', async () => {
    const lines = await provenLines(
      {
        'default.nix': `{ set }:
let
  ${cross}
in
pkgs.stdenv.mkDerivation { name = "root"; nativeBuildInputs = [ (import ./outer.nix { inherit pkgs; }) ]; }`,
        'outer.nix': `{ pkgs }:
pkgs.stdenv.mkDerivation {
  name = "outer";
  src = builtins.toFile "source" "";
  buildInputs = [ (pkgs.stdenv.mkDerivation { name = "inner"; buildInputs = [ (import ./tool.nix { inherit pkgs; }) ]; }) ];
}`,
        'tool.nix': tool,
      },
      2,
    );
    assert.deepEqual(
      lines.flat().filter((line) => line.includes('special')),
      [],
    );
    assert.notDeepEqual(lines, []);
  });
});
