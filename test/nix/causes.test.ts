import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fixesOf } from '../support/fixes.ts';
import { expectReport, openWorkspace, type Workspace } from '../support/workspace.ts';

/**
 * A leak each, evaluated by a real Nix as if on a Mac: who is to blame, why,
 * and which repair was proven by evaluating it.
 */
interface Case extends Workspace {
  readonly name: string;
  /** `file:line text` of the place to repair first. */
  readonly origin: string;
  /** `kind file:line text`. */
  readonly cause: string;
  /** What the message must say. */
  readonly says: RegExp;
  /** New text of the edits of one proven repair. */
  readonly repair: string;
  readonly leaks?: number;
}

const linux = 'pkgs = import set { system = "x86_64-linux"; };';

const cases: readonly Case[] = [
  {
    name: 'a lexical binding shadows a with',
    files: {
      'default.nix': `{ set }:
let
  pkgs = import set { };
  build = system:
    with import set { inherit system; };
    let
      nix = pkgs.nixUnstable or pkgs.nix;
    in
    buildEnv { name = "root"; paths = [ hello nix nix.perl-bindings ]; };
in
build "x86_64-linux"`,
    },
    leaks: 2,
    origin: 'default.nix:7 pkgs.nixUnstable or pkgs.nix',
    cause: 'shadowed-with default.nix:3 import set { }',
    says: /`pkgs` is not the one of `with import set \{ inherit system; \}`.*line 5.*line 3 shadows it/,
    repair: 'let pkgs = import set { inherit system; }; in with pkgs',
  },
  {
    name: 'a package set made without a system, right in the list',
    files: {
      'default.nix': `{ set, system ? "x86_64-linux" }:
let ${linux} in
pkgs.buildEnv { name = "root"; paths = [ pkgs.hello (import set { }).vim ]; }`,
    },
    origin: 'default.nix:3 (import set { }).vim',
    cause: 'package-set-without-system default.nix:3 import set { }',
    says: /made without `system`.*x86_64-darwin/,
    repair: 'inherit system;',
  },
  {
    name: 'a package set in another file, given as an argument',
    files: {
      'default.nix': `{ set }:
let
  ${linux}
  tools = import ./tools.nix { pkgs = import set { overlays = [ ]; }; };
in
pkgs.buildEnv { name = "root"; paths = [ pkgs.hello ] ++ tools; }`,
      'tools.nix': '{ pkgs }: [ pkgs.jq ]',
    },
    origin: 'tools.nix:1 pkgs.jq',
    cause: 'package-set-without-system default.nix:4 import set { overlays = [ ]; }',
    says: /made without `system`/,
    repair: 'system = "x86_64-linux";',
  },
  {
    name: 'the default of an argument that nobody gives',
    files: {
      'default.nix': `{ set, other ? import set { } }:
let ${linux} in
pkgs.buildEnv { name = "root"; paths = [ other.vim ]; }`,
    },
    origin: 'default.nix:3 other.vim',
    cause: 'package-set-without-system default.nix:1 import set { }',
    says: /made without `system`/,
    repair: 'system = "x86_64-linux";',
  },
  {
    name: 'builtins.currentSystem',
    files: {
      'default.nix': `{ set }:
let
  ${linux}
  other = import set { system = builtins.currentSystem; };
in
pkgs.buildEnv { name = "root"; paths = [ other.vim ]; }`,
    },
    origin: 'default.nix:6 other.vim',
    cause: 'current-system default.nix:4 builtins.currentSystem',
    says: /machine that evaluates, here x86_64-darwin/,
    repair: 'inherit (pkgs.stdenv.hostPlatform) system;',
  },
  {
    name: 'a system that is written down',
    files: {
      'default.nix': `{ set }:
let
  system = "x86_64-linux";
  pkgs = import set { inherit system; };
  other = import set { system = "aarch64-linux"; };
in
pkgs.buildEnv { name = "root"; paths = with other; [ vim jq ]; }`,
    },
    leaks: 2,
    origin: 'default.nix:7 jq',
    cause: 'hard-coded-system default.nix:5 "aarch64-linux"',
    says: /written down here/,
    repair: 'inherit system;',
  },
  {
    name: 'legacyPackages of the wrong system',
    files: {
      'default.nix': `{ set }:
let
  nixpkgs.legacyPackages = builtins.listToAttrs (map (system: { name = system; value = import set { inherit system; }; }) [ "x86_64-linux" "x86_64-darwin" ]);
  pkgs = nixpkgs.legacyPackages.x86_64-linux;
in
pkgs.buildEnv { name = "root"; paths = [ nixpkgs.legacyPackages.x86_64-darwin.vim ]; }`,
    },
    origin: 'default.nix:6 nixpkgs.legacyPackages.x86_64-darwin.vim',
    cause: 'wrong-flake-system default.nix:6 nixpkgs.legacyPackages.x86_64-darwin',
    says: /packages of x86_64-darwin by name/,
    repair: 'x86_64-linux',
  },
  {
    name: 'an overlay that closes over an outer package set',
    files: {
      'default.nix': `{ set }:
let
  outer = import set { };
  pkgs = import set { system = "x86_64-linux"; overlays = [ (final: prev: { git = outer.git; }) ]; };
in
pkgs.buildEnv { name = "root"; paths = [ pkgs.git ]; }`,
    },
    origin: 'default.nix:4 outer.git',
    cause: 'package-set-without-system default.nix:3 import set { }',
    says: /made without `system`/,
    repair: 'prev',
  },
  {
    name: 'a package that another package set builds by callPackage',
    files: {
      'default.nix': `{ set }:
let
  ${linux}
  other = import set { };
in
pkgs.buildEnv { name = "root"; paths = [ (other.callPackage ./tool.nix { }) ]; }`,
      'tool.nix': '{ stdenv, hello }: stdenv.mkDerivation { name = "tool"; buildInputs = [ hello ]; }',
    },
    origin: 'default.nix:6 other.callPackage ./tool.nix { }',
    cause: 'package-set-without-system default.nix:4 import set { }',
    says: /made without `system`/,
    repair: 'pkgs',
  },
  {
    name: 'an interpolated tool',
    files: {
      'default.nix': `{ set }:
let ${linux} in
pkgs.runCommand "root" { } ''
  \${(import set { }).jq}/bin/jq . > $out
''`,
    },
    origin: 'default.nix:4 (import set { }).jq',
    cause: 'package-set-without-system default.nix:4 import set { }',
    says: /made without `system`/,
    repair: 'pkgs',
  },
  {
    name: 'a derivation that is made by hand',
    files: {
      'default.nix': `{ set }:
let
  ${linux}
  mk = system: name: derivation { inherit system name; builder = "/bin/sh"; };
in
pkgs.buildEnv { name = "root"; paths = [ (mk builtins.currentSystem "tool") ]; }`,
    },
    origin: 'default.nix:6 mk builtins.currentSystem "tool"',
    cause: 'current-system default.nix:6 builtins.currentSystem',
    says: /machine that evaluates/,
    repair: '"x86_64-linux"',
  },
  {
    name: 'a library that was taken from another set is not to blame',
    files: {
      'default.nix': `{ set }:
let
  inherit (import set { }) lib;
  ${linux}
  mac = import set { system = "x86_64-darwin"; };
in
pkgs.buildEnv { name = "root"; paths = lib.optional true mac.jq; }`,
    },
    origin: 'default.nix:7 mac.jq',
    cause: 'hard-coded-system default.nix:5 "x86_64-darwin"',
    says: /written down here/,
    repair: 'pkgs',
  },
  {
    name: 'a file that is called twice: only the wrong call is to blame',
    files: {
      'default.nix': `{ set }:
let
  ${linux}
  other = import set { };
  tool = name: import ./tool.nix { inherit name; inherit (other) stdenv; };
in
pkgs.buildEnv { name = "root"; paths = [ (import ./tool.nix { name = "right"; inherit (pkgs) stdenv; }) (tool "wrong") ]; }`,
      'tool.nix': '{ name, stdenv }: stdenv.mkDerivation { inherit name; }',
    },
    origin: 'default.nix:7 tool "wrong"',
    cause: 'package-set-without-system default.nix:4 import set { }',
    says: /made without `system`/,
    repair: 'inherit (pkgs.stdenv.hostPlatform) system;',
  },
  {
    name: 'a wrapper that hands its arguments on',
    files: {
      'default.nix': `{ set }:
let
  pkgs = import ./nix { inherit set; system = "x86_64-linux"; };
  other = import ./nix { inherit set; };
in
pkgs.buildEnv { name = "root"; paths = [ other.vim ]; }`,
      'nix/default.nix': '{ set, ... }@args: import set ({ overlays = [ ]; } // removeAttrs args [ "set" ])',
    },
    origin: 'default.nix:6 other.vim',
    cause: 'package-set-without-system default.nix:4 import ./nix { inherit set; }',
    says: /made without `system`/,
    repair: 'pkgs',
  },
  {
    name: 'an overlay takes what it replaces from the set below it',
    files: {
      'default.nix': `{ set }:
let
  pkgs = import set { system = "x86_64-linux"; overlays = [ (import ./overlay.nix (import set { })) ]; };
in
pkgs.buildEnv { name = "root"; paths = [ pkgs.git pkgs.vim ]; }`,
      'overlay.nix': 'outer: final: prev: { git = outer.git; vim = outer.vim; }',
    },
    leaks: 2,
    origin: 'overlay.nix:1 outer.git',
    cause: 'package-set-without-system default.nix:3 import set { }',
    says: /made without `system`/,
    repair: 'prevprev',
  },
];

describe('origins, causes and proven repairs', () => {
  for (const example of cases) {
    test(example.name, async () => {
      await using open = await openWorkspace(example, { as: 'x86_64-darwin' });
      const report = expectReport(await open.evaluator.run(open.request, open.options));
      assert.equal(report.probes.fallbackReason, undefined);
      const [leak] = report.leaks;
      assert.ok(leak, 'no leak was found');
      assert.equal(report.leaks.length, example.leaks ?? 1);
      assert.equal(leak.severity, 'error');
      const [origin] = leak.origins;
      assert.ok(origin);
      const place = ({ file, range }: { file: string; range: { start: { line: number } } }): string =>
        `${file.slice(open.root.length + 1)}:${range.start.line + 1}`;
      assert.equal(`${place(origin.source)} ${origin.text}`, example.origin);
      const { reason } = leak;
      const cause = report.causes[leak.cause];
      assert.ok(reason && cause?.source);
      assert.equal(`${reason.kind} ${place(cause.source)} ${cause.text}`, example.cause);
      assert.match(reason.message, example.says);

      const fixes = await fixesOf(report, open);
      const proven = fixes
        .filter((fix) => fix.proof.kind === 'proven')
        .map((fix) => fix.edits.map((edit) => edit.newText.trim()).join(''));
      assert.ok(
        proven.includes(example.repair),
        `${example.repair}\nwas not among the proven repairs\n${JSON.stringify(fixes, undefined, 1)}`,
      );
    });
  }
});
