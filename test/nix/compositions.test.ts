import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { join } from 'node:path';
import { lazyNixEnvironment } from '../../server/src/nix/nixEnvironment.ts';
import { createEvaluator } from '../../server/src/running/evaluator.ts';
import type { Composition, EvaluationArguments, EvaluationTarget } from '../../server/src/model/target.ts';
import { NixFolder } from '../support/nixFolder.ts';
import { nixosTree } from '../support/nixosInSmall.ts';
import { nixVersions } from '../support/nixVersions.ts';
import { packageSet } from '../support/packageSet.ts';
import { testParser, testShellParser } from '../support/parser.ts';
import { expectReport } from '../support/workspace.ts';

const nixpkgs = new NixFolder(nixosTree(packageSet), 'nix-lens-nixpkgs-');
const work = new NixFolder(
  {
    'package.nix':
      '{ stdenv, hello, more ? hello }: stdenv.mkDerivation { name = "tool"; buildInputs = [ more ]; }',
    'configuration.nix':
      '{ pkgs, ... }: { imports = [ ./web.nix ]; environment.systemPackages = [ pkgs.git ]; }',
    'web.nix': `{ pkgs, lib, ... }: { networking.hostName = lib.mkForce "web"; environment.systemPackages = [ pkgs.jq (import ${nixpkgs.path} { }).vim ]; }`,
    'network.nix': `{ domain ? "none" }: {
      network.description = domain;
      network.enableRollback = true;
      require = [ ./more.nix ];
      resources.sshKeyPairs.key = { };
      defaults = { pkgs, ... }: { environment.systemPackages = [ pkgs.git ]; deployment.keys.secret.text = "x"; };
      web = { pkgs, lib, nodes, name, resources, config, ... }: {
        imports = [ ./web.nix ];
        nixpkgs.localSystem.system = "x86_64-linux";
        deployment.targetHost = lib.mkForce "web.example";
        deployment.targetEnv = "none";
        environment.systemPackages = [
          (pkgs.runCommand "hosts" { path = config.deployment.keys.secret.path; port = config.deployment.targetPort; } "\${name} \${nodes.db.config.networking.hostName} \${resources.machines.db.deployment.targetHost} \${config.deployment.targetHost} \${domain}")
        ];
      };
    }`,
    'more.nix':
      '{ db = { pkgs, ... }: { nixpkgs.localSystem.system = "aarch64-linux"; environment.systemPackages = [ pkgs.hello ]; }; }',
    'hive.nix': `{
      meta = {
        nixpkgs = import ${nixpkgs.path} { system = "x86_64-linux"; };
        nodeNixpkgs.small = import ${nixpkgs.path} { system = "aarch64-linux"; };
        specialArgs.domain = "example";
        nodeSpecialArgs.small.domain = "small.example";
      };
      defaults = { pkgs, ... }: { environment.systemPackages = [ pkgs.git ]; };
      big = { domain, name, pkgs, lib, nodes, ... }: {
        imports = [ ./web.nix ];
        deployment = { targetHost = "big"; tags = [ "web" ]; };
        networking.hostName = lib.mkOverride 40 "\${name}.\${domain}";
      };
      small = { domain, ... }: { networking.hostName = "small-\${domain}"; nixpkgs.localSystem.system = "aarch64-linux"; };
    }`,
    'home.nix': '{ pkgs, ... }: { home.packages = [ pkgs.git ]; }',
    'darwin.nix': '{ pkgs, ... }: { environment.systemPackages = [ pkgs.git ]; }',
  },
  'nix-lens-composed-',
);
/** Stand-ins with the interfaces of Home Manager's `modules/` and nix-darwin's `default.nix`. */
const sources = new NixFolder(
  {
    'home/modules/default.nix':
      '{ configuration, pkgs }: let config = import configuration { inherit pkgs; }; in { activationPackage = pkgs.stdenv.mkDerivation { name = "home"; inherit (config.home) packages; }; }',
    'darwin/default.nix':
      '{ nixpkgs, configuration }: let pkgs = import nixpkgs { }; config = import configuration { inherit pkgs; }; in { system = pkgs.stdenv.mkDerivation { name = "darwin-system"; packages = config.environment.systemPackages; }; }',
  },
  'nix-lens-sources-',
);
after(() => [nixpkgs, work, sources].forEach((folder) => folder[Symbol.dispose]()));

const noArguments: EvaluationArguments = { arg: [], argstr: [], include: [], option: [] };

interface Case {
  readonly composition: Composition;
  readonly file: string;
  readonly member?: string;
  readonly source?: string;
  readonly given?: Partial<EvaluationArguments>;
  readonly root: string;
  readonly system: string;
  /** Texts that must have been observed. */
  readonly observed: readonly string[];
}

const darwin = 'x86_64-darwin';
const cases: readonly Case[] = [
  { composition: 'call-package', file: 'package.nix', root: 'tool', system: darwin, observed: ['more'] },
  {
    composition: 'call-package',
    file: 'package.nix',
    given: { arg: [['more', `(import ${nixpkgs.path} { }).jq`]] },
    root: 'tool',
    system: darwin,
    observed: ['more'],
  },
  {
    composition: 'nixos',
    file: 'configuration.nix',
    root: 'nixos-system-web',
    system: darwin,
    observed: ['pkgs.git', 'pkgs.jq'],
  },
  {
    composition: 'nixops',
    file: 'network.nix',
    member: 'web',
    given: { argstr: [['domain', 'example']] },
    root: 'nixos-system-web',
    system: 'x86_64-linux',
    observed: ['pkgs.git', `(import ${nixpkgs.path} { }).vim`],
  },
  {
    composition: 'nixops',
    file: 'network.nix',
    member: 'db',
    root: 'nixos-system-db',
    system: 'aarch64-linux',
    observed: ['pkgs.git', 'pkgs.hello'],
  },
  {
    composition: 'colmena',
    file: 'hive.nix',
    member: 'big',
    root: 'nixos-system-big.example',
    system: 'x86_64-linux',
    observed: ['pkgs.git', 'pkgs.jq'],
  },
  {
    composition: 'colmena',
    file: 'hive.nix',
    member: 'small',
    root: 'nixos-system-small-small.example',
    system: 'aarch64-linux',
    observed: ['pkgs.git'],
  },
  {
    composition: 'home-manager',
    file: 'home.nix',
    source: join(sources.path, 'home'),
    root: 'home',
    system: darwin,
    observed: ['pkgs.git'],
  },
  {
    composition: 'darwin',
    file: 'darwin.nix',
    source: join(sources.path, 'darwin'),
    root: 'darwin-system',
    system: darwin,
    observed: ['pkgs.git'],
  },
];

for (const { version, directory } of nixVersions()) {
  describe(`compositions with Nix ${version}`, () => {
    const evaluator = createEvaluator({
      parser: testParser,
      shellParser: testShellParser,
      environment: lazyNixEnvironment({ parser: testParser, directory }),
    });
    const run = async (target: EvaluationTarget) =>
      expectReport(
        await evaluator.run(
          { target, evaluateAs: darwin },
          {
            workspaceRoots: [work.path],
            directory: work.path,
            signal: new AbortController().signal,
            limits: { timeoutMs: 60_000, memoryLimitMiB: 4096, allowImportFromDerivation: false },
          },
        ),
      );
    for (const { composition, file, member = '', source, given, root, system, observed } of cases) {
      test([composition, file, member, ...(given ? ['with arguments'] : [])].join(' '), async () => {
        const report = await run({
          kind: 'composed',
          composition,
          file: join(work.path, file),
          member,
          packageSet: `<nixpkgs>`,
          ...(source !== undefined && { source }),
          arguments: { ...noArguments, include: [`nixpkgs=${nixpkgs.path}`], ...given },
        });
        const found = report.graph.derivation(report.graph.root);
        assert.equal(found.name.replace(/\.drv$/, ''), root);
        assert.equal(found.system, system);
        assert.equal(report.probes.fallbackReason, undefined);
        const seen = new Set(report.observations.map(({ text }) => text));
        for (const text of observed) assert.ok(seen.has(text), `${text} in ${[...seen].join(', ')}`);
      });
    }

    test('an expression, with the files that it names', async () => {
      const report = await run({
        kind: 'expression',
        expression: '{ set }: { deep.tool = (import set { }).callPackage ./package.nix { }; }',
        directory: work.path,
        attribute: 'deep.tool',
        arguments: { ...noArguments, arg: [['set', nixpkgs.path]] },
      });
      assert.equal(report.graph.derivation(report.graph.root).system, darwin);
      assert.equal(report.probes.fallbackReason, undefined);
      assert.ok(report.observations.some(({ source }) => source.file === join(work.path, 'package.nix')));
    });
  });
}
