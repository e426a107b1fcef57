import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decisiveCause } from '../../server/src/model/report.ts';
import { openFlake } from '../support/flakeWorkspace.ts';
import { expectReport } from '../support/workspace.ts';

interface Case {
  readonly name: string;
  readonly attribute: string;
  readonly text: string;
  /** `rule severity` of each leak, notes and what this machine cannot build aside. */
  readonly found: readonly string[];
  readonly origin: string;
  /** `kind text` */
  readonly cause: string;
  /** Of the words that tell of the cause. */
  readonly says?: RegExp;
}

const cases: readonly Case[] = [
  {
    name: 'a check that is a machine for another Linux is an error where it was chosen',
    attribute: 'checks.x86_64-linux.cedar',
    text: `outputs = { self, nixpkgs }: {
      nixosConfigurations.cedar = nixpkgs.lib.nixosSystem {
        system = "aarch64-linux";
        modules = [ { } ];
      };
      checks.x86_64-linux.cedar = self.nixosConfigurations.cedar.config.system.build.toplevel;
    };`,
    found: ['expected-platform error'],
    origin: 'self.nixosConfigurations.cedar.config.system.build.toplevel',
    cause: 'hard-coded-system "aarch64-linux"',
  },
  {
    name: 'a machine for Linux that a Mac keeps among its checks is meant',
    attribute: 'checks.aarch64-darwin.cedar',
    text: `outputs = { self, nixpkgs }: {
      checks.aarch64-darwin.cedar = (nixpkgs.lib.nixosSystem {
        system = "aarch64-linux";
        modules = [ { } ];
      }).config.system.build.toplevel;
    };`,
    found: [],
    origin: '',
    cause: '',
  },
  {
    name: 'an option’s default that picks a package by a system',
    attribute: 'nixosConfigurations.web',
    text: `outputs = { self, nixpkgs }:
      let system = "x86_64-linux"; in
      {
        packages.\${system}.tool = nixpkgs.legacyPackages.\${system}.jq;
        nixosConfigurations.web = nixpkgs.lib.nixosSystem {
          system = "aarch64-linux";
          modules = [
            ({ config, lib, ... }: {
              options.tool = lib.mkOption { type = lib.types.package; default = self.packages.\${system}.tool; };
              config.environment.systemPackages = [ config.tool ];
            })
          ];
        };
      };`,
    found: ['plain-reference error'],
    origin: 'self.packages.${system}.tool',
    cause: 'hard-coded-system "x86_64-linux"',
  },
  {
    name: 'a system by name inside a call',
    attribute: 'devShells.aarch64-linux.default',
    text: `outputs = { self, nixpkgs }:
      let
        toolchains.packages = builtins.mapAttrs (system: pkgs: {
          fromManifest = name: { default = pkgs.runCommand name { } "echo > $out"; };
        }) nixpkgs.legacyPackages;
        toolchain = (toolchains.packages.x86_64-linux.fromManifest "rust").default;
      in
      {
        devShells.aarch64-linux.default = nixpkgs.legacyPackages.aarch64-linux.stdenv.mkDerivation {
          name = "shell";
          nativeBuildInputs = [ toolchain ];
        };
      };`,
    found: ['build-platform error'],
    origin: '(toolchains.packages.x86_64-linux.fromManifest "rust").default',
    cause: 'wrong-flake-system toolchains.packages.x86_64-linux',
  },
  {
    name: 'a set that takes its system from an option, in a machine that was told another one by a second option',
    attribute: 'nixosConfigurations.web',
    text: `outputs = { self, nixpkgs }: {
      nixosConfigurations.web = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          { nixpkgs.localSystem.system = "aarch64-linux"; }
          ({ config, ... }: {
            environment.systemPackages = [ (import nixpkgs { inherit (config.nixpkgs) system; }).jq ];
          })
        ];
      };
    };`,
    found: ['plain-reference error'],
    origin: '(import nixpkgs { inherit (config.nixpkgs) system; }).jq',
    cause: 'system-option config.nixpkgs',
    says: /: `system = "x86_64-linux";` in line 5 of flake\.nix gives it that value\.$/,
  },
];

describe('causes in a flake', () => {
  for (const { name, attribute, text, found, origin, cause, says } of cases)
    test(name, async () => {
      await using open = await openFlake(text, attribute);
      const report = expectReport(await open.evaluator.run(open.request, open.options));
      const leaks = report.leaks.filter(({ severity, rule }) => severity !== 'info' && rule !== 'no-builder');
      assert.deepEqual(
        leaks.map(({ rule, severity }) => `${rule} ${severity}`),
        found,
      );
      const [leak] = leaks;
      if (!leak) return;
      assert.equal(leak.origins[0]?.text, origin);
      assert.equal(`${leak.reason?.kind} ${decisiveCause(leak, report)?.text}`, cause);
      if (says) assert.match(leak.reason?.message ?? '', says);
    });
});
