import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { basename } from 'node:path';
import { describe, test } from 'node:test';
import type { Report } from '../../server/src/model/report.ts';
import { lazyNixEnvironment } from '../../server/src/nix/nixEnvironment.ts';
import { createEvaluator } from '../../server/src/running/evaluator.ts';
import { NixFolder } from '../support/nixFolder.ts';
import { nixosTree } from '../support/nixosInSmall.ts';
import { nixVersions } from '../support/nixVersions.ts';
import { packageSet } from '../support/packageSet.ts';
import { testParser, testShellParser } from '../support/parser.ts';
import { fixesOf } from '../support/fixes.ts';
import { expectReport, openWorkspace } from '../support/workspace.ts';

/** `severity rule name`, one for each leak; not who can build it, which depends on the machine that tests. */
function verdicts({ leaks, graph }: Report): string[] {
  return leaks
    .filter(({ rule }) => rule !== 'no-builder')
    .map(({ severity, rule, input }) => `${severity} ${rule} ${graph.derivation(input).name}`);
}

interface ImageCase {
  readonly name: string;
  /** An expression of `pkgs`, `linux` and `cross`, which is for aarch64-linux. */
  readonly image: string;
  readonly as?: string;
  readonly verdicts: readonly string[];
  /** Text of the first origin. */
  readonly origin?: string;
  readonly says?: RegExp;
}

const head = `{ set }:
let
  pkgs = import set { };
  linux = import set { system = "x86_64-linux"; };
  cross = import set { crossSystem = "aarch64-linux"; };
in
`;

const wrongAsAWhole = (tool: string, name: string): ImageCase => ({
  name: `${tool}: content for the machine that evaluates`,
  image: `pkgs.dockerTools.${tool} { name = "app"; contents = [ pkgs.nix ]; config.Cmd = [ "\${pkgs.git}/bin/git" ]; }`,
  verdicts: [`error expected-platform ${name}`],
  origin: `pkgs.dockerTools.${tool} { name = "app"; contents = [ pkgs.nix ]; config.Cmd = [ "\${pkgs.git}/bin/git" ]; }`,
  says: /is an image for linux\/amd64, but what it contains \(git and 1 more\) runs on x86_64-darwin/,
});

const cases: readonly ImageCase[] = [
  wrongAsAWhole('buildImage', 'docker-image-app.tar.gz'),
  wrongAsAWhole('streamLayeredImage', 'stream-app'),
  wrongAsAWhole('buildLayeredImage', 'app.tar.gz'),
  {
    name: 'nix2container: content for the machine that evaluates',
    image: 'pkgs.nix2container.buildImage { name = "app"; copyToRoot = [ pkgs.nix ]; }',
    verdicts: ['error expected-platform image-app.json'],
  },
  {
    name: 'the same on Linux',
    image: 'pkgs.dockerTools.buildLayeredImage { name = "app"; contents = [ pkgs.nix ]; }',
    as: 'x86_64-linux',
    verdicts: [],
  },
  {
    name: 'nix2container on Linux',
    image: 'pkgs.nix2container.buildImage { name = "app"; copyToRoot = [ pkgs.nix ]; }',
    as: 'x86_64-linux',
    verdicts: [],
  },
  {
    name: 'several images among what is deployed are told of one by one',
    image: `pkgs.runCommand "deploy" { } "echo \${pkgs.dockerTools.buildImage { name = "a"; contents = [ pkgs.nix ]; }} \${pkgs.dockerTools.buildImage { name = "b"; contents = [ linux.nix ]; }}"`,
    verdicts: ['error expected-platform docker-image-a.tar.gz'],
    origin: 'pkgs.dockerTools.buildImage { name = "a"; contents = [ pkgs.nix ]; }',
  },
  {
    name: 'Linux content, put into an image on a Mac, is right',
    image:
      'pkgs.dockerTools.buildLayeredImage { name = "app"; contents = [ linux.nix ]; config.Cmd = [ "${linux.nix}/bin/nix" ]; }',
    verdicts: [],
  },
  {
    name: 'a cross-compiled image is right',
    image: 'cross.dockerTools.buildImage { name = "app"; contents = [ cross.nix ]; }',
    verdicts: [],
  },
  {
    name: 'cross-compiled content for the architecture that the image is for is right',
    image:
      'pkgs.dockerTools.buildImage { name = "app"; architecture = "arm64"; contents = [ cross.nix (pkgs.writeText "etc" "x") ]; }',
    verdicts: [],
  },
  {
    name: 'data alone is right, whoever writes it',
    image:
      'pkgs.dockerTools.buildImage { name = "app"; contents = [ (pkgs.writeText "etc" "x") (pkgs.runCommand "site" { } "echo > $out") ]; config.Env = [ "A=b" ]; }',
    verdicts: [],
  },
  {
    name: 'a script is data, what it starts is not',
    image:
      'pkgs.dockerTools.buildImage { name = "app"; config.Cmd = [ (pkgs.writeShellScript "run" "exec something") ]; }',
    verdicts: ['error expected-platform docker-image-app.tar.gz'],
    says: /\(hello\)/,
  },
  {
    name: 'one content of another platform among right ones is told at its place',
    image: 'pkgs.dockerTools.buildImage { name = "app"; contents = [ linux.nix pkgs.vim ]; }',
    verdicts: ['warning expected-platform vim'],
    origin: 'pkgs.vim',
    says: /vim runs on x86_64-darwin, but it goes into docker-image-app\.tar\.gz, an image for linux\/amd64/,
  },
  {
    name: 'what the container starts is told as an error',
    image:
      'pkgs.dockerTools.buildImage { name = "app"; contents = [ linux.nix ]; config.Entrypoint = [ "${pkgs.vim}/bin/vim" ]; }',
    verdicts: ['error expected-platform vim'],
  },
  {
    name: 'what stands on another image may be its data',
    image: 'pkgs.dockerTools.buildImage { name = "app"; fromImage = "base.tar"; contents = [ pkgs.nix ]; }',
    verdicts: ['warning expected-platform docker-image-app.tar.gz'],
  },
  {
    name: 'what the roles of edges tell is not told twice',
    image: 'linux.dockerTools.buildImage { name = "app"; contents = [ pkgs.nix ]; }',
    verdicts: ['error plain-reference nix'],
  },
  {
    name: 'native content in a cross-compiled image',
    image:
      'cross.dockerTools.buildImage { name = "app"; contents = [ pkgs.nix cross.vim ]; config.Cmd = [ "${pkgs.nix}/bin/nix" ]; }',
    as: 'x86_64-linux',
    verdicts: ['error expected-platform nix'],
    origin: 'pkgs.nix',
  },
  {
    name: 'an architecture that none of the content has',
    image: 'pkgs.dockerTools.buildImage { name = "app"; architecture = "arm64"; contents = [ pkgs.nix ]; }',
    as: 'x86_64-linux',
    verdicts: ['warning expected-platform docker-image-app.tar.gz'],
    says: /or give the image the architecture of its content/,
  },
  {
    name: 'JSON that speaks of Linux is no image',
    image: `pkgs.writeText "facts.json" (builtins.toJSON { os = "linux"; tool = "\${pkgs.nix}/bin/nix"; })`,
    verdicts: [],
  },
];

describe('images', () => {
  for (const { name, image, as = 'x86_64-darwin', verdicts: expected, origin, says } of cases) {
    test(name, async () => {
      await using open = await openWorkspace({ files: { 'default.nix': head + image } }, { as });
      const report = expectReport(await open.evaluator.run(open.request, open.options));
      assert.deepEqual(verdicts(report), expected);
      const [leak] = report.leaks;
      if (origin !== undefined) assert.equal(leak?.origins[0]?.text, origin);
      if (says) assert.match(leak?.explanation ?? '', says);
    });
  }

  test('the cause is the package set, and its repair is proven although the root moves', async () => {
    const text = `${head}pkgs.dockerTools.buildLayeredImage { name = "app"; contents = [ pkgs.nix ]; }`;
    await using open = await openWorkspace({ files: { 'default.nix': text } }, { as: 'x86_64-darwin' });
    const report = expectReport(await open.evaluator.run(open.request, open.options));
    const [leak] = report.leaks;
    const cause = leak && report.causes[leak.cause];
    assert.deepEqual([leak?.reason?.kind, cause?.text], ['package-set-without-system', 'import set { }']);
    const fixes = await fixesOf(report, open);
    assert.deepEqual(
      fixes.map(({ edits: [edit], proof }) => [edit?.newText, proof]),
      [
        [
          ' system = "x86_64-linux";',
          { kind: 'proven', statement: 'built on x86_64-linux instead of on x86_64-darwin' },
        ],
      ],
    );
  });
});

const tree = Object.fromEntries(
  Object.entries(nixosTree(packageSet)).map(([name, text]) => [`nixpkgs/${name}`, text]),
);

describe('machines', () => {
  const machine = (system: string, image: string) => `let
  nixos = import ./nixpkgs/nixos {
    ${system}
    configuration = { pkgs, ... }: { environment.systemPackages = [ pkgs.jq ]; };
  };
  pkgs = import ./nixpkgs { };
in ${image}`;
  for (const [name, text, as, expected] of [
    [
      'a NixOS system of the machine that evaluates',
      machine('', 'nixos.system'),
      'x86_64-darwin',
      ['error expected-platform nixos-system-nixos'],
    ],
    ['one that knows its system', machine('system = "x86_64-linux";', 'nixos.system'), 'x86_64-darwin', []],
    ['one on its own machine', machine('', 'nixos.system'), 'aarch64-linux', []],
    [
      'one inside the image of a disk',
      machine('', 'pkgs.runCommand "nixos.iso" { } "cp ${nixos.system} $out"'),
      'x86_64-darwin',
      ['error expected-platform nixos-system-nixos'],
    ],
    [
      'a package of that name is none',
      machine('', 'pkgs.runCommand "nixos-system-docs" { } "echo > $out"'),
      'x86_64-darwin',
      [],
    ],
    [
      'a nix-darwin system on Linux',
      machine(
        '',
        '(import ./nixpkgs { }).stdenv.mkDerivation { name = "darwin-system-1"; activationScript = "x"; }',
      ),
      'x86_64-linux',
      ['error expected-platform darwin-system-1'],
    ],
  ] as const) {
    test(name, async () => {
      const files = { ...tree, 'default.nix': text };
      await using open = await openWorkspace({ files, arguments: [] }, { as });
      assert.deepEqual(
        verdicts(expectReport(await open.evaluator.run(open.request, open.options))),
        expected,
      );
    });
  }
});

const flakeText = `{
  outputs = { self }: let
    linux = import ./set.nix { system = "x86_64-linux"; };
    mac = import ./set.nix { system = "x86_64-darwin"; };
    cross = import ./set.nix { system = "x86_64-linux"; crossSystem = "aarch64-linux"; };
  in {
    packages.x86_64-linux = { default = mac.hello; right = linux.hello; inherit (cross) nix; };
    packages.aarch64-darwin.rosetta = mac.hello;
    packages.x86_64-darwin.image = linux.dockerTools.buildImage { name = "app"; contents = [ linux.nix ]; };
    apps.x86_64-linux.run = { type = "app"; program = "\${mac.hello}/bin/hello"; };
    formatter.x86_64-linux = mac.hello;
    hydraJobs = {
      build.x86_64-linux = mac.hello;
      cross.aarch64-linux = cross.hello;
      both.x86_64-linux.x86_64-darwin = mac.hello;
    };
    other.x86_64-linux = mac.hello;
    nixosConfigurations.web.config.system.build.toplevel = mac.hello;
    nixosConfigurations.vm.config.system.build.vm = mac.hello;
    darwinConfigurations.mac.system = linux.hello;
  };
}`;

const wrongName = 'error expected-platform hello';
const outputs: readonly (readonly [attribute: string, verdicts: readonly string[]])[] = [
  ['', [wrongName]],
  ['packages.x86_64-linux.default', [wrongName]],
  ['packages.x86_64-linux.right', []],
  ['packages.x86_64-linux.nix', []],
  ['packages.aarch64-darwin.rosetta', []],
  ['packages.x86_64-darwin.image', ['info expected-platform docker-image-app.tar.gz']],
  ['apps.x86_64-linux.run', [wrongName]],
  ['formatter.x86_64-linux', [wrongName]],
  ['hydraJobs.build.x86_64-linux', [wrongName]],
  ['hydraJobs.cross.aarch64-linux', []],
  ['hydraJobs.both.x86_64-linux.x86_64-darwin', []],
  ['other.x86_64-linux', []],
  ['nixosConfigurations.web', [wrongName]],
  ['nixosConfigurations.vm.config.system.build.vm', []],
  ['darwinConfigurations.mac', [wrongName]],
];

for (const { version, directory } of nixVersions().filter(({ version }) => /^2\.(8|34)\./.test(version))) {
  describe(`outputs of a flake by the system in their names, with Nix ${version}`, () => {
    const folder = new NixFolder({ 'flake.nix': flakeText, 'set.nix': packageSet }, 'nix-lens-named-');
    execFileSync('git', ['-C', folder.path, 'init', '--quiet']);
    execFileSync('git', ['-C', folder.path, 'add', '--all']);
    const evaluator = createEvaluator({
      parser: testParser,
      shellParser: testShellParser,
      environment: lazyNixEnvironment({ parser: testParser, directory }),
    });
    for (const [attribute, expected] of outputs) {
      test(attribute || 'the default package', async () => {
        const report = expectReport(
          await evaluator.run(
            {
              target: {
                kind: 'flake',
                flake: folder.path,
                attribute,
                arguments: { arg: [], argstr: [], include: [], option: [] },
              },
              evaluateAs: 'x86_64-linux',
            },
            {
              workspaceRoots: [folder.path],
              directory: folder.path,
              signal: new AbortController().signal,
              limits: { timeoutMs: 60_000, memoryLimitMiB: 4096, allowImportFromDerivation: false },
            },
          ),
        );
        assert.deepEqual(verdicts(report), expected);
        const [origin] = report.leaks[0]?.origins ?? [];
        if (expected[0] === wrongName) assert.equal(basename(origin?.source.file ?? ''), 'flake.nix');
      });
    }
  });
}
