import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  findSystemDependence,
  type SystemDependence,
} from '../../server/src/attribution/findSystemDependence.ts';
import type { EvaluationTarget } from '../../server/src/model/target.ts';
import { evaluationArguments } from '../support/evaluationArguments.ts';
import { NixFolder } from '../support/nixFolder.ts';
import { nixosTree } from '../support/nixosInSmall.ts';
import { packageSet } from '../support/packageSet.ts';
import { testParser } from '../support/parser.ts';
import { expectReport, openWorkspace } from '../support/workspace.ts';

const compare = (text: string) => compareTarget({ 'default.nix': text });

async function compareTarget(
  files: Readonly<Record<string, string>>,
  targetIn?: (root: string) => EvaluationTarget,
): Promise<SystemDependence | undefined> {
  await using open = await openWorkspace({ files });
  const target = targetIn?.(open.root) ?? open.request.target;
  const run = async (evaluateAs: string) =>
    expectReport(await open.evaluator.run({ target, evaluateAs }, open.options));
  const [linux, darwin] = [await run('x86_64-linux'), await run('x86_64-darwin')];
  return await findSystemDependence(darwin, linux, await testParser());
}

const textsOf = (found: SystemDependence | undefined) => found?.places.map(({ text }) => text);

describe('the same target evaluated as two systems', () => {
  test('names the package set without a system through which it comes in, once', async () => {
    const found = await compare(`{ set }:
      let mac = import set { }; linux = import set { system = "x86_64-linux"; };
      in linux.buildEnv { name = "root"; paths = [ linux.hello mac.jq mac.git ]; }`);
    assert.equal(found?.severity, 'warning');
    assert.deepEqual(textsOf(found), ['import set { }']);
    assert.deepEqual([...(found.places[0]?.derivations ?? [])].sort(), ['git', 'jq']);
    assert.equal(found.places[0]?.source.range.start.line, 1);
  });

  test('a whole that follows the machine is information', async () => {
    const found = await compare('{ set }: let pkgs = import set { }; in pkgs.hello');
    assert.equal(found?.severity, 'info');
    assert.deepEqual(textsOf(found), ['import set { }']);
  });

  test('one root for both is no dependence', async () => {
    assert.equal(await compare('{ set }: (import set { system = "x86_64-linux"; }).hello'), undefined);
  });

  const flake = {
    'set.nix': packageSet,
    'flake.nix': `{ outputs = { self }: let of = system: import ./set.nix { inherit system; }; in {
      packages.x86_64-linux.tool = (of "x86_64-linux").hello;
      packages.x86_64-darwin.tool = (of "x86_64-darwin").hello;
      lib = { pinned = (of "x86_64-linux").hello; loose = (import ./set.nix { }).hello; };
    }; }`,
  };
  const output = (attribute: string) => (root: string) =>
    ({ kind: 'flake', flake: root, attribute, arguments: evaluationArguments() }) as const;

  test('a package that Nix chooses by the system is no dependence, nor is one that is named whole', async () => {
    assert.equal(await compareTarget(flake, output('tool')), undefined);
    assert.equal(await compareTarget(flake, output('packages.x86_64-linux.tool')), undefined);
    assert.equal(await compareTarget(flake, output('.lib.pinned')), undefined);
  });

  test('a flake cannot see the machine: its evaluation is pure', async () => {
    await assert.rejects(compareTarget(flake, output('.lib.loose')), /currentSystem/);
  });

  test('a NixOS configuration that takes a package of the machine is warned of, one that takes none is not', async () => {
    using nixpkgs = new NixFolder(nixosTree(packageSet), 'nix-lens-nixpkgs-');
    const configuration = (packages: string) => ({
      'configuration.nix': `{ pkgs, ... }: {
        nixpkgs.localSystem.system = "x86_64-linux";
        environment.systemPackages = [ pkgs.git ${packages} ];
      }`,
    });
    const nixos = (root: string): EvaluationTarget => ({
      kind: 'composed',
      composition: 'nixos',
      file: `${root}/configuration.nix`,
      member: '',
      packageSet: '<nixpkgs>',
      arguments: evaluationArguments({ include: [`nixpkgs=${nixpkgs.path}`] }),
    });
    const found = await compareTarget(configuration('(import <nixpkgs> { }).vim'), nixos);
    assert.equal(found?.severity, 'warning');
    assert.deepEqual(textsOf(found), ['import <nixpkgs> { }']);
    assert.deepEqual(found.places[0]?.derivations, ['vim']);
    assert.equal(await compareTarget(configuration('pkgs.jq'), nixos), undefined);
  });

  test('a NixOS configuration that names no platform follows the machine, and is warned of', async () => {
    using nixpkgs = new NixFolder(nixosTree(packageSet), 'nix-lens-nixpkgs-');
    const files = { 'configuration.nix': '{ pkgs, ... }: { environment.systemPackages = [ pkgs.git ]; }' };
    const found = await compareTarget(files, (root) => ({
      kind: 'composed',
      composition: 'nixos',
      file: `${root}/configuration.nix`,
      member: '',
      packageSet: '<nixpkgs>',
      arguments: evaluationArguments({ include: [`nixpkgs=${nixpkgs.path}`] }),
    }));
    assert.equal(found?.severity, 'warning');
  });
});
