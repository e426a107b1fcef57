import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, describe, test } from 'node:test';
import { lazyNixEnvironment } from '../../server/src/nix/nixEnvironment.ts';
import { createEvaluator } from '../../server/src/running/evaluator.ts';
import { findTargets } from '../../server/src/targets/search/findTargets.ts';
import { noArguments, type FoundGroup } from '../../server/src/targets/search/found.ts';
import { listGroup, searchGroup } from '../../server/src/targets/search/flakeTargets.ts';
import { targetFor } from '../../server/src/targets/search/targetFor.ts';
import { inputPlace } from '../../server/src/nix/inputPlace.ts';
import { sourcePath } from '../../server/src/nix/fetchInputs.ts';
import { NixFolder } from '../support/nixFolder.ts';
import { nixosTree } from '../support/nixosInSmall.ts';
import { nixVersions } from '../support/nixVersions.ts';
import { packageSet } from '../support/packageSet.ts';
import { testParser, testShellParser } from '../support/parser.ts';
import { expectReport } from '../support/workspace.ts';

const app = (name: string): string =>
  `derivation { name = "${name}"; system = "x86_64-linux"; builder = "/bin/sh"; }`;

const flake = `{
  outputs = { self }: {
    packages.x86_64-linux.tool = ${app('tool')};
    legacyPackages.x86_64-linux = { hello = throw "never forced"; other = throw "never forced"; };
    apps.x86_64-linux.run = { type = "app"; program = "\${${app('run')}}/bin/run"; };
    formatter.x86_64-linux = ${app('format')};
    hydraJobs.build.linux = ${app('job')};
    deploy.nodes.host.profiles.system.path = ${app('profile')};
    colmena = {
      meta.nixpkgs = import ./nixpkgs { system = "x86_64-linux"; };
      node = { pkgs, ... }: { environment.systemPackages = [ pkgs.git ]; };
    };
  };
}`;

const nixpkgs = Object.fromEntries(
  Object.entries(nixosTree(packageSet)).map(([name, text]) => [`nixpkgs/${name}`, text]),
);
const work = new NixFolder(
  {
    ...nixpkgs,
    'nixpkgs/pkgs/top-level/all-packages.nix': '{ }',
    'sub/flake.nix': `{ outputs = { self }: { packages.x86_64-linux.below = ${app('below')}; }; }`,
    'broken.nix': '{ network = ',
    'flake.nix': flake,
    'host.nix': '{ ... }: { imports = [ ./web.nix ]; networking.hostName = "host"; }',
    'web.nix': '{ pkgs, ... }: { environment.systemPackages = [ pkgs.jq ]; }',
    'network.nix': '{ network.description = "x"; one = { ... }: { }; two = { ... }: { }; }',
    'hive.nix': '{ meta.nixpkgs = import ./nixpkgs { }; three = { ... }: { }; }',
    'home.nix': '{ pkgs, ... }: { home.stateVersion = "20.09"; }',
    'tool.nix': '{ stdenv, hello }: stdenv.mkDerivation { name = "called"; buildInputs = [ hello ]; }',
    'ignored/network.nix': '{ network.description = "x"; never = { ... }: { }; }',
    '.gitignore': '/ignored\n',
  },
  'nix-lens-kinds-',
);
after(() => work[Symbol.dispose]());

for (const { version, directory } of nixVersions()) {
  describe(`kinds of targets with Nix ${version}`, () => {
    const connect = lazyNixEnvironment({ parser: testParser, directory });
    const limits = { timeoutMs: 60_000, memoryLimitMiB: 4096, allowImportFromDerivation: false };
    const options = { signal: new AbortController().signal, limits };
    const root = work.path;
    const evaluator = createEvaluator({
      parser: testParser,
      shellParser: testShellParser,
      environment: connect,
    });
    const run = { workspaceRoots: [root], directory: root, ...options };

    test('are found, and a broken file hides none', async () => {
      const found = await findTargets(root, await connect(), options);
      assert.deepEqual(
        found.map(({ label }) => label).sort(),
        [
          './sub#packages.x86_64-linux.below',
          '.#apps.x86_64-linux.run',
          '.#colmena.node',
          '.#deploy.nodes.host.profiles.system.path',
          '.#formatter.x86_64-linux',
          '.#hydraJobs.build.linux',
          '.#packages.x86_64-linux.tool',
          'hive.nix · three',
          'home.nix',
          'host.nix',
          'network.nix · one',
          'network.nix · two',
        ].sort(),
      );
      for (const label of [
        '.#colmena.node',
        '.#deploy.nodes.host.profiles.system.path',
        'host.nix',
        'network.nix · one',
      ]) {
        const target = found.find((candidate) => candidate.label === label)?.target;
        assert.ok(target);
        const { probes } = expectReport(await evaluator.run({ target }, run));
        assert.equal(probes.fallbackReason, undefined, label);
      }
    });

    test('of legacyPackages those that are searched for, unevaluated', async () => {
      const groups: FoundGroup[] = [];
      await findTargets(root, await connect(), { ...options, onGroup: (group) => groups.push(group) });
      assert.deepEqual(groups, [
        { flake: root, system: 'x86_64-linux', label: '.#legacyPackages.x86_64-linux' },
      ]);
      const [group] = groups;
      assert.ok(group);
      const found = searchGroup(group, await listGroup(group, await connect(), options), 'HELL');
      assert.deepEqual(
        found.map(({ label }) => label),
        ['.#legacyPackages.x86_64-linux.hello'],
      );
    });

    test('a module through its configuration, a package by callPackage', async () => {
      const environment = await connect();
      const known = await findTargets(root, environment, options);
      const module = await targetFor(work.file('web.nix'), known, root, environment, options);
      assert.equal(module?.label, 'host.nix');
      const tool = await targetFor(work.file('tool.nix'), known, root, environment, options);
      assert.ok(tool);
      assert.equal(tool.description, 'callPackage, with the workspace’s folder nixpkgs');
      const { graph } = expectReport(await evaluator.run({ target: tool.target }, run));
      assert.equal(graph.derivation(graph.root).name.replace(/\.drv$/, ''), 'called');
    });

    test('a module of one host of a flake through that host, a shared one through each', async () => {
      const host = (file: string): string => `{ drv = ${app('host')}; modules = [ shared ${file} ]; }`;
      using folder = new NixFolder(
        {
          'flake.nix': `{ outputs = { self }: let shared = ./shared.nix; in {
            nixosConfigurations.one = ${host('./one.nix')};
            nixosConfigurations.two = ${host('./two')};
          }; }`,
          'one.nix': '{ config, ... }: { }',
          'two/default.nix': '{ config, ... }: { imports = [ ./deep.nix ]; }',
          'two/deep.nix': '{ config, ... }: { }',
          'shared.nix': '{ config, ... }: { }',
        },
        'nix-lens-hosts-',
      );
      const environment = await connect();
      const known = await findTargets(folder.path, environment, options);
      for (const [file, label] of [
        ['one.nix', '.#nixosConfigurations.one'],
        ['two/deep.nix', '.#nixosConfigurations.two'],
        ['shared.nix', '.#nixosConfigurations.one'],
      ] as const) {
        const target = await targetFor(folder.file(file), known, folder.path, environment, options);
        assert.equal(target?.label, label, file);
      }
    });

    test('an input that is not here is named, not fetched', async () => {
      const original = { type: 'tarball', url: 'https://example.invalid/x.tar.gz' };
      const locked = { ...original, narHash: `sha256-${'A'.repeat(43)}=` };
      using folder = new NixFolder(
        {
          'flake.nix': `{ inputs.far.url = "https://example.invalid/x.tar.gz"; outputs = { self, far }: { x = ${app('x')}; y = builtins.seq far.outPath ${app('y')}; }; }`,
          'flake.lock': JSON.stringify({
            version: 7,
            root: 'root',
            nodes: { root: { inputs: { far: 'far' } }, far: { locked, original } },
          }),
        },
        'nix-lens-inputs-',
      );
      const target = { kind: 'flake', flake: folder.path, attribute: 'y', arguments: noArguments } as const;
      const outcome = await evaluator.run({ target }, run);
      assert.equal(outcome.kind, 'failed');
      assert.deepEqual(outcome.errors, [
        {
          message: 'The flake’s input far is not on this machine.',
          source: {
            file: folder.file('flake.nix'),
            range: { start: { line: 0, character: 9 }, end: { line: 0, character: 12 } },
          },
          advice: `Fetch it once, with \`nix flake archive\` in ${folder.path}; nothing is downloaded without being asked for.`,
          action: { kind: 'fetch-inputs', flake: folder.path },
        },
      ]);
      // Nix does not look at an input that nothing needs.
      const { probes } = expectReport(await evaluator.run({ target: { ...target, attribute: 'x' } }, run));
      assert.equal(probes.fallbackReason, undefined);
    });

    test('inputs that are not locked are named before anything is evaluated', async () => {
      using folder = new NixFolder({
        'flake.nix': `{
          inputs.far.url = "https://example.invalid/x.tar.gz";
          inputs.near.url = "path:./near";
          outputs = { self, far, near, nowhere }: { x = ${app('x')}; };
        }`,
        'near/flake.nix': '{ inputs.beyond.url = "github:nobody/none"; outputs = { self, beyond }: { }; }',
      });
      const target = { kind: 'flake', flake: folder.path, attribute: 'x', arguments: noArguments } as const;
      const outcome = await evaluator.run({ target }, run);
      assert.equal(outcome.kind, 'failed');
      assert.deepEqual(outcome.errors, [
        {
          message:
            'The flake’s inputs far, near/beyond, nowhere are not locked: flake.lock is missing or out of date.',
          source: {
            file: folder.file('flake.nix'),
            range: { start: { line: 1, character: 17 }, end: { line: 1, character: 20 } },
          },
          advice: `Lock them once, with \`nix flake lock\` in ${folder.path}, which may download; nothing is downloaded without being asked for.`,
          action: { kind: 'lock', flake: folder.path },
        },
      ]);
    });
  });
}

test('an input that flake.nix only takes as an argument, or not at all, has that place or none', async () => {
  using folder = new NixFolder({
    'flake.nix':
      '{\n  inputs = { near.url = "path:./near"; };\n  outputs =\n    { self, nowhere, ... }@all: { };\n}',
  });
  const parser = await testParser();
  const startOf = async (...inputs: string[]) => (await inputPlace(folder.path, inputs, parser))?.range.start;
  assert.deepEqual(await startOf('near/beyond'), { line: 1, character: 13 });
  assert.deepEqual(await startOf('elsewhere', 'nowhere'), { line: 3, character: 12 });
  assert.equal(await startOf('elsewhere'), undefined);
  assert.equal(await inputPlace(folder.file('gone'), ['near'], parser), undefined);
});

test('where Nix keeps a source follows from its hash', () => {
  const [nix] = nixVersions();
  assert.ok(nix);
  using folder = new NixFolder({ 'source/x': 'content' });
  const program = (args: string[]): string =>
    execFileSync(`${nix.directory}/nix`, ['--extra-experimental-features', 'nix-command', ...args], {
      encoding: 'utf8',
    }).trim();
  const path = program(['store', 'add-path', '--name', 'source', folder.file('source')]);
  assert.equal(sourcePath(program(['hash', 'path', path])), path);
});
