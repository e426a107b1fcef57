import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { describe, test } from 'node:test';
import { openFlake } from '../support/flakeWorkspace.ts';
import { NixFolder } from '../support/nixFolder.ts';
import { nixosTree } from '../support/nixosInSmall.ts';
import { packageSet } from '../support/packageSet.ts';
import { afterOf, offersOf } from '../support/offers.ts';
import { openWorkspace } from '../support/workspace.ts';

const forAll = `
  outputs = { self, nixpkgs }:
    let
      forAll = f: builtins.listToAttrs (map (system: { name = system; value = f system; }) [ "x86_64-linux" "aarch64-darwin" ]);`;

describe('a system that is written in a flake follows the name in scope', () => {
  interface Case {
    readonly name: string;
    readonly text: string;
    readonly attribute: string;
    readonly cause: string;
    readonly after: readonly string[];
    readonly proof: string;
  }
  const cases: readonly Case[] = [
    {
      name: 'legacyPackages of one system',
      text: `${forAll}
    in {
      packages = forAll (system:
        let pkgs = nixpkgs.legacyPackages.\${system}; in {
          default = pkgs.buildEnv { name = "root"; paths = [ nixpkgs.legacyPackages.x86_64-linux.jq ]; };
        });
    };`,
      attribute: 'packages.aarch64-darwin.default',
      cause: 'wrong-flake-system nixpkgs.legacyPackages.x86_64-linux',
      after: [
        'default = pkgs.buildEnv { name = "root"; paths = [ nixpkgs.legacyPackages.${system}.jq ]; };',
        'default = pkgs.buildEnv { name = "root"; paths = [ nixpkgs.legacyPackages.${pkgs.stdenv.hostPlatform.system}.jq ]; };',
        'default = pkgs.buildEnv { name = "root"; paths = [ nixpkgs.legacyPackages.aarch64-darwin.jq ]; };',
      ],
      proof: '1 → 0 linux-built, 1 derivation changes',
    },
    {
      name: 'packages of the flake itself, quoted',
      text: `${forAll}
    in {
      packages = forAll (sys: {
        tool = nixpkgs.legacyPackages.\${sys}.jq;
        default = nixpkgs.legacyPackages.\${sys}.buildEnv { name = "root"; paths = [ self.packages."x86_64-linux".tool ]; };
      });
    };`,
      attribute: 'packages.aarch64-darwin.default',
      cause: 'wrong-flake-system self.packages."x86_64-linux"',
      after: [
        'default = nixpkgs.legacyPackages.${sys}.buildEnv { name = "root"; paths = [ self.packages."${sys}".tool ]; };',
        'default = nixpkgs.legacyPackages.${sys}.buildEnv { name = "root"; paths = [ self.packages."aarch64-darwin".tool ]; };',
      ],
      proof: '1 → 0 linux-built, 1 derivation changes',
    },
    {
      name: 'the body of a function of the system, whole',
      text: `${forAll}
    in {
      packages = forAll (system:
        let pkgs = nixpkgs.legacyPackages.x86_64-linux; in { default = pkgs.hello; });
    };`,
      attribute: 'packages.aarch64-darwin.default',
      cause: 'wrong-flake-system nixpkgs.legacyPackages.x86_64-linux',
      after: [
        'let pkgs = nixpkgs.legacyPackages.${system}; in { default = pkgs.hello; });',
        'let pkgs = nixpkgs.legacyPackages.aarch64-darwin; in { default = pkgs.hello; });',
      ],
      proof: 'built on aarch64-darwin instead of on x86_64-linux',
    },
    {
      name: 'a library that has its functions for each system',
      text: `${forAll}
    in {
      packages = forAll (system: {
        default = nixpkgs.legacyPackages.\${system}.buildEnv {
          name = "root";
          paths = [ (nixpkgs.lib.x86_64-linux.activate "/system") ];
        };
      });
    };`,
      attribute: 'packages.aarch64-darwin.default',
      cause: 'wrong-flake-system nixpkgs.lib.x86_64-linux',
      after: [
        'paths = [ (nixpkgs.lib.${system}.activate "/system") ];',
        'paths = [ (nixpkgs.lib.aarch64-darwin.activate "/system") ];',
      ],
      proof: '1 → 0 linux-built, 1 derivation changes',
    },
    {
      name: 'a check of a set that names its system',
      text: `
  outputs = { self, nixpkgs }: {
    checks.x86_64-linux.test = nixpkgs.legacyPackages.aarch64-linux.runCommand "test" { } "echo > $out";
  };`,
      attribute: 'checks.x86_64-linux.test',
      cause: 'wrong-flake-system nixpkgs.legacyPackages.aarch64-linux',
      after: [
        'checks.x86_64-linux.test = nixpkgs.legacyPackages.x86_64-linux.runCommand "test" { } "echo > $out";',
      ],
      proof: 'built on x86_64-linux instead of on aarch64-linux',
    },
    {
      name: 'a module of a machine',
      text: `
  outputs = { self, nixpkgs }: {
    nixosConfigurations.pi = nixpkgs.lib.nixosSystem {
      system = "aarch64-linux";
      modules = [ ({ config, ... }: { environment.systemPackages = [ nixpkgs.legacyPackages.x86_64-linux.jq ]; }) ];
    };
  };`,
      attribute: 'nixosConfigurations.pi',
      cause: 'wrong-flake-system nixpkgs.legacyPackages.x86_64-linux',
      after: [
        'modules = [ ({ config, ... }: { environment.systemPackages = [ nixpkgs.legacyPackages.aarch64-linux.jq ]; }) ];',
      ],
      proof: '1 → 0 x86_64-linux-built, 1 derivation changes',
    },
  ];
  for (const { name, text, attribute, cause, after, proof } of cases) {
    test(name, async () => {
      await using open = await openFlake(text, attribute);
      const found = await offersOf(open);
      assert.equal(found.cause, cause);
      assert.deepEqual(afterOf(found.offers), after);
      for (const offer of found.offers) assert.deepEqual([offer.proof, offer.isDoubtful], [proof, false]);
    });
  }
});

test('a set in scope that is a function gives no repair, and no reason names a temporary copy', async () => {
  const text = `
  outputs = { self, nixpkgs }:
    let
      pkgs = system: import nixpkgs { inherit system; };
      other = import nixpkgs { system = "aarch64-darwin"; };
    in {
      packages.x86_64-linux.default = (pkgs "x86_64-linux").buildEnv { name = "root"; paths = [ other.jq ]; };
    };`;
  await using open = await openFlake(text, 'packages.x86_64-linux.default');
  const { offers } = await offersOf(open);
  assert.deepEqual(afterOf(offers), ['other = import nixpkgs { system = "x86_64-linux"; };']);
  assert.ok(offers.every(({ proof }) => !proof.includes(tmpdir())));
});

describe('the system of the evaluating machine', () => {
  test('becomes an argument where a caller gives it', async () => {
    const files = {
      'default.nix': `{ set }:
let linux = import set { system = "x86_64-linux"; };
in linux.buildEnv { name = "root"; paths = [ (linux.callPackage ./tool.nix { nixpkgs = set; }) ]; }`,
      'tool.nix': `{ nixpkgs
, hello
}:
(import nixpkgs { overlays = [ ]; system = builtins.currentSystem; }).jq`,
    };
    await using open = await openWorkspace({ files }, { as: 'x86_64-darwin' });
    const { cause, offers } = await offersOf(open);
    assert.equal(cause, 'current-system builtins.currentSystem');
    assert.deepEqual(afterOf(offers), [
      ', system ? builtins.currentSystem\n(import nixpkgs { overlays = [ ]; inherit system; }).jq',
      '(import nixpkgs { overlays = [ ]; system = "x86_64-linux"; }).jq',
    ]);
    assert.equal(offers[0]?.proof, '1 → 0 darwin-built, 1 derivation changes');
  });

  const lonely = (set: string) => `# A comment.
let linux = import ${set} { system = "x86_64-linux"; };
in linux.buildEnv { name = "root"; paths = [ (import ${set} { system = builtins.currentSystem; }).jq ]; }`;

  for (const [given, firstLine] of [
    [[['system', 'x86_64-linux']], '{ system ? builtins.currentSystem }:'],
    [[], 'in linux'],
  ] as const) {
    test(`a file becomes a function ${given.length > 0 ? 'where the evaluation gives it' : 'only where it gets it'}`, async () => {
      using set = new NixFolder({ 'set.nix': packageSet }, 'nix-lens-set-');
      const text = lonely(set.file('set.nix'));
      await using workspace = await openWorkspace(
        { files: { 'default.nix': text } },
        { as: 'x86_64-darwin' },
      );
      const { target } = workspace.request;
      assert.ok(target.kind === 'file');
      const request = {
        ...workspace.request,
        target: { ...target, arguments: { ...target.arguments, arg: [], argstr: given } },
      };
      const { offers } = await offersOf({ ...workspace, request });
      assert.ok(afterOf(offers)[0]?.startsWith(firstLine), afterOf(offers)[0]);
    });
  }

  test('is the one in scope where there is one, in whatever expression it stands', async () => {
    const text = `{ set, system ? "x86_64-linux" }:
let
  tools = import set { inherit system; };
  mk = system: name: derivation { inherit system name; builder = "/bin/sh"; };
in
tools.buildEnv { name = "root"; paths = [ (mk builtins.currentSystem "tool") ]; }`;
    await using open = await openWorkspace({ files: { 'default.nix': text } }, { as: 'x86_64-darwin' });
    const { offers } = await offersOf(open);
    assert.deepEqual(
      afterOf(offers),
      ['system', '"x86_64-linux"'].map(
        (system) => `tools.buildEnv { name = "root"; paths = [ (mk ${system} "tool") ]; }`,
      ),
    );
  });

  test('in an overlay is that of the set below it', async () => {
    const text = `{ set }:
let
  overlay = final: prev: { jq = (import set { system = builtins.currentSystem; }).jq; };
in
(import set { system = "x86_64-linux"; overlays = [ overlay ]; }).buildEnv { name = "root"; paths = [ ]; }`;
    const used = text.replace(
      'paths = [ ]',
      'paths = [ (import set { system = "x86_64-linux"; overlays = [ overlay ]; }).jq ]',
    );
    await using open = await openWorkspace({ files: { 'default.nix': used } }, { as: 'x86_64-darwin' });
    const { offers } = await offersOf(open);
    assert.equal(
      afterOf(offers)[0],
      'overlay = final: prev: { jq = (import set { inherit (prev.stdenv.hostPlatform) system; }).jq; };',
    );
  });
});

describe('an option of a NixOS configuration that says nothing of its packages', () => {
  const machine = (module: string) => ({
    'default.nix': '{ set }: (import (set + "/nixos") { configuration = ./configuration.nix; }).system',
    'configuration.nix': `{ pkgs, ... }: {
  imports = [ ./web.nix ];
  nixpkgs.localSystem.system = "x86_64-linux";
}`,
    'web.nix': module,
  });
  const cases: readonly [
    name: string,
    head: string,
    given: string,
    cause: string,
    lines: readonly string[],
  ][] = [
    [
      'inherited',
      '{ config, pkgs, ... }:',
      'inherit (config.nixpkgs) system;',
      'config.nixpkgs',
      ['let other = import SET { inherit (pkgs.stdenv.hostPlatform) system; }; in'],
    ],
    [
      'inherited with others, where the module does not ask for `pkgs`',
      '{ config\n, ...\n}:',
      'inherit (config.nixpkgs) system overlays;',
      'config.nixpkgs',
      [
        '{ config, pkgs',
        'let other = import SET { inherit (config.nixpkgs) overlays; inherit (pkgs.stdenv.hostPlatform) system; }; in',
      ],
    ],
    [
      'selected',
      '{ config, pkgs, ... }:',
      'system = config.nixpkgs.system; overlays = [ ];',
      'config.nixpkgs.system',
      ['let other = import SET { inherit (pkgs.stdenv.hostPlatform) system; overlays = [ ]; }; in'],
    ],
  ];
  for (const [name, head, given, option, lines] of cases) {
    test(name, async () => {
      using set = new NixFolder(nixosTree(packageSet), 'nix-lens-nixpkgs-');
      const files = machine(`${head}
let other = import ${set.path} { ${given} }; in
{ environment.systemPackages = [ other.jq ]; }`);
      await using open = await openWorkspace(
        { files, arguments: [['set', set.path]] },
        { as: 'x86_64-darwin' },
      );
      const { cause, offers } = await offersOf(open);
      assert.equal(cause, `system-option ${option}`);
      assert.deepEqual(
        offers[0]?.after.map((line) => line.replace(set.path, 'SET')),
        lines,
      );
      assert.equal(offers[0].proof, '1 → 0 darwin-built, 1 derivation changes');
    });
  }
});
