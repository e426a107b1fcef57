import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openFlake } from '../support/flakeWorkspace.ts';
import { offersOf } from '../support/offers.ts';
import { openWorkspace } from '../support/workspace.ts';

describe('which end of a leak is meant', () => {
  test('a machine is right, and what activates it is for its system', async () => {
    const text = `
  outputs = { self, nixpkgs }: {
    nixosConfigurations.pi = nixpkgs.lib.nixosSystem {
      system = "aarch64-linux";
      modules = [ ];
    };
    deploy.nodes.pi.profiles.system.path =
      nixpkgs.lib.x86_64-linux.activate self.nixosConfigurations.pi.config.system.build.toplevel;
  };`;
    await using open = await openFlake(text, 'deploy.nodes.pi');
    const { cause, offers } = await offersOf(open);
    assert.equal(cause, 'hard-coded-system "aarch64-linux"');
    assert.deepEqual(
      offers.map(({ after, isDoubtful }) => [after, isDoubtful]),
      [
        [
          ['nixpkgs.lib.aarch64-linux.activate self.nixosConfigurations.pi.config.system.build.toplevel;'],
          false,
        ],
        [['system = "x86_64-linux";'], true],
      ],
    );
    assert.equal(offers[0]?.proof, 'built on aarch64-linux instead of on x86_64-linux');
  });

  const manual = `{ set }:
let
  pkgs = import set { };
  genAttrs = names: f: builtins.listToAttrs (map (name: { inherit name; value = f name; }) names);
in
rec {
  build = genAttrs [ "x86_64-linux" ] (system: (import set { inherit system; }).hello);
  manual = pkgs.runCommand "manual" { build = build.x86_64-linux; } "cp $build $out";
}`;

  test('a consumer that follows the evaluating machine is told the system of its input', async () => {
    const run = { as: 'x86_64-darwin', attribute: 'manual' };
    await using open = await openWorkspace({ files: { 'default.nix': manual } }, run);
    const { cause, offers } = await offersOf(open);
    assert.equal(cause, 'package-set-without-system import set { }');
    assert.deepEqual(offers, [
      {
        before: ['pkgs = import set { };'],
        after: ['pkgs = import set { system = "x86_64-linux"; };'],
        proof: 'built on x86_64-linux instead of on x86_64-darwin',
        isDoubtful: false,
      },
    ]);
  });

  test('but not where that one does without its input then', async () => {
    const text = manual.replace(
      '{ build = build.x86_64-linux; }',
      '(if pkgs.system == "x86_64-linux" then { } else { build = build.x86_64-linux; })',
    );
    const run = { as: 'x86_64-darwin', attribute: 'manual' };
    await using open = await openWorkspace({ files: { 'default.nix': text } }, run);
    const { offers } = await offersOf(open);
    assert.deepEqual(
      offers.map(({ proof }) => proof),
      ['unproven: manual would do without hello'],
    );
  });

  test('and not where it is another package then', async () => {
    const text = manual.replace(
      'pkgs.runCommand "manual"',
      'pkgs.runCommand (if pkgs.system == "x86_64-linux" then "book" else "manual")',
    );
    const run = { as: 'x86_64-darwin', attribute: 'manual' };
    await using open = await openWorkspace({ files: { 'default.nix': text } }, run);
    const { offers } = await offersOf(open);
    assert.equal(offers.length, 1);
    assert.match(offers[0]?.proof ?? '', /^unproven: /);
  });

  const script = `{ set }:
let
  mac = import set { system = "x86_64-darwin"; };
  linux = import set { system = "x86_64-linux"; };
in
mac.runCommand "run" { } "exec \${linux.jq}/bin/jq"`;
  const [linux, mac] = [
    'linux = import set { system = "x86_64-darwin"; };',
    'mac = import set { system = "x86_64-linux"; };',
  ];

  for (const [expect, lines] of [
    [undefined, [`doubtful ${linux}`, `doubtful ${mac}`]],
    ['x86_64-darwin', [linux]],
    // The root and its input are two findings, and one repair is for both.
    ['x86_64-linux', ['linux.runCommand "run" { } "exec ${linux.jq}/bin/jq"', mac, mac]],
  ] as const) {
    test(`a script for macOS around a program for Linux, meant for ${expect ?? 'nobody knows what'}`, async () => {
      await using workspace = await openWorkspace({ files: { 'default.nix': script } });
      const open = { ...workspace, request: { ...workspace.request, ...(expect && { expect }) } };
      const { offers } = await offersOf(open);
      const told = offers.map(({ after, isDoubtful }) => (isDoubtful ? 'doubtful ' : '') + after.join(''));
      assert.deepEqual(told, lines);
      assert.ok(offers.every(({ proof }) => !proof.startsWith('unproven')));
    });
  }
});

test('what cannot be built here is no new mistake of a repair', async () => {
  const text = '{ set }: let pkgs = import set { system = "x86_64-linux"; }; in pkgs.git';
  await using workspace = await openWorkspace({ files: { 'default.nix': text } }, { as: 'x86_64-linux' });
  const open = { ...workspace, request: { ...workspace.request, expect: 'x86_64-darwin' } };
  const { offers } = await offersOf(open);
  assert.deepEqual(offers, [
    {
      before: [text],
      after: [text.replace('x86_64-linux', 'x86_64-darwin')],
      proof: 'built on x86_64-darwin instead of on x86_64-linux',
      isDoubtful: false,
    },
  ]);
});
