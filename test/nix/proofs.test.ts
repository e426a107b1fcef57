import assert from 'node:assert/strict';
import { copyFile, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { judgeClosure } from '../../server/src/check/judge.ts';
import { loadClosure } from '../../server/src/derivation/loadClosure.ts';
import type { Evaluator } from '../../server/src/running/evaluator.ts';
import { linux } from '../support/closure.ts';
import { fixesOf } from '../support/fixes.ts';
import { SyntheticStore } from '../support/syntheticStore.ts';
import { expectReport, openWorkspace, type OpenWorkspace } from '../support/workspace.ts';

/** What the proof of each repair of a workspace says. */
async function proofsOf(open: OpenWorkspace, evaluator: Evaluator = open.evaluator): Promise<string[]> {
  const report = expectReport(await open.evaluator.run(open.request, open.options));
  assert.equal(report.leaks.length, 1);
  const fixes = await fixesOf(report, open, evaluator);
  return fixes.map(({ proof }) => (proof.kind === 'proven' ? proof.statement : proof.reason));
}

const leaky = (system: string, tools: string): string => `{ set }:
let
  pkgs = import set { };
  isMac = pkgs.system == "x86_64-darwin";
in
derivation { name = "root"; builder = "/bin/sh"; system = ${system}; tools = ${tools}; }`;

describe('a repair that removes the leaks is not proven', () => {
  test('where the root is built on another system then', async () => {
    const text = leaky('if isMac then "x86_64-linux" else "aarch64-linux"', '[ pkgs.vim ]');
    await using open = await openWorkspace({ files: { 'default.nix': text } }, { as: 'x86_64-darwin' });
    assert.deepEqual(await proofsOf(open), ['the root would be built on aarch64-linux, not on x86_64-linux']);
  });

  test('where nothing is in the place of the wrong input then', async () => {
    const text = leaky('"x86_64-linux"', 'if isMac then [ pkgs.vim ] else [ ]');
    await using open = await openWorkspace({ files: { 'default.nix': text } }, { as: 'x86_64-darwin' });
    assert.deepEqual(await proofsOf(open), ['root would do without vim']);
  });

  test('where less of the closure could be read', async () => {
    const text = leaky('"x86_64-linux"', '[ pkgs.vim ]');
    await using open = await openWorkspace({ files: { 'default.nix': text } }, { as: 'x86_64-darwin' });
    assert.deepEqual(await proofsOf(open), ['1 → 0 darwin-built, 1 derivation changes']);
    using store = new SyntheticStore();
    const root = store.add({ name: 'root', inputs: [store.describe({ name: 'lost' })] });
    const graph = await loadClosure(root.drvPath);
    assert.equal(graph.gaps.length, 1);
    const after = { graph, judgement: judgeClosure(graph, linux), scriptOf: () => undefined };
    const evaluator: Evaluator = {
      ...open.evaluator,
      runRepaired: (report) =>
        Promise.resolve({
          kind: 'closures',
          closures: { before: { ...report, scriptOf: () => undefined }, after },
        }),
    };
    assert.deepEqual(await proofsOf(open, evaluator), ['the repaired closure could not be read whole']);
  });
});

test('a repair is not proven where texts that builders are given cannot be read', async () => {
  const text = leaky('"x86_64-linux"', '[ pkgs.vim ]');
  await using open = await openWorkspace({ files: { 'default.nix': text } }, { as: 'x86_64-darwin' });
  const withUnreadable = (name: string): Evaluator => ({
    ...open.evaluator,
    runRepaired: async (...args) => {
      const outcome = await open.evaluator.runRepaired(...args);
      if (outcome.kind !== 'closures') return outcome;
      const { before, after } = outcome.closures;
      const scriptOf: typeof after.scriptOf = (id) =>
        after.graph.derivation(id).name === name ? undefined : after.scriptOf(id);
      return { kind: 'closures', closures: { before, after: { ...after, scriptOf } } };
    },
  });
  assert.deepEqual(await proofsOf(open, withUnreadable('root')), [
    'what the builder of root is given could not be read',
  ]);
  assert.deepEqual(await proofsOf(open, withUnreadable('vim')), ['vim in root could not be read']);
  assert.deepEqual(await proofsOf(open, withUnreadable('jq')), ['1 → 0 darwin-built, 1 derivation changes']);
});

describe('forty mistakes', () => {
  const tools = Array.from({ length: 40 }, (_, index) => `tool${index}`);
  const leaky40 = (more: string, elements: string): string => `{ set }:
let
  pkgs = import set {
    system = "x86_64-linux"; crossSystem = "aarch64-linux";
    overlays = [ (final: prev: builtins.listToAttrs (map (name: { inherit name; value = prev.stdenv.mkDerivation { inherit name; }; }) ${JSON.stringify(tools).replaceAll(',', ' ')}) ${more}) ];
  };
in
pkgs.stdenv.mkDerivation {
  name = "root";
  nativeBuildInputs = [
${tools.map((name) => `    pkgs.${name}`).join('\n')}
    ${elements}
  ];
}`;

  /** How many repairs are proven of a text, and how many evaluations that takes. */
  async function prove(text: string): Promise<{ readonly proven: number; readonly evaluations: number }> {
    await using open = await openWorkspace({ files: { 'default.nix': text } });
    let evaluations = 0;
    const counting: Evaluator = {
      ...open.evaluator,
      runRepaired: (...args) => {
        evaluations += 1;
        return open.evaluator.runRepaired(...args);
      },
    };
    const report = expectReport(await open.evaluator.run(open.request, open.options));
    const fixes = await fixesOf(report, open, counting);
    return { proven: fixes.filter(({ proof }) => proof.kind === 'proven').length, evaluations };
  }

  test('are proven to be repaired by one evaluation', async () => {
    assert.deepEqual(await prove(leaky40('', '')), { proven: 40, evaluations: 1 });
  });

  test('and one more that cannot be repaired costs a few, and spoils no other proof', async () => {
    // The set of the build platform has another package under this name.
    const other = `// { other = prev.stdenv.mkDerivation { name = if prev.stdenv.hostPlatform.system == "x86_64-linux" then "another-2" else "other-1"; }; }`;
    const { proven, evaluations } = await prove(leaky40(other, 'pkgs.other'));
    assert.equal(proven, 40);
    assert.ok(evaluations <= 6, String(evaluations));
  });
});

test('no repair edits a file outside of the workspace, to which a link leads', async () => {
  const leaky =
    '{ set }: (import set { system = "x86_64-linux"; }).buildEnv { name = "root"; paths = [ (import set { }).jq ]; }';
  await using open = await openWorkspace(
    { files: { 'default.nix': '{ set }: import ./linked.nix { inherit set; }', '../outside.nix': leaky } },
    { as: 'x86_64-darwin' },
  );
  const offered = async (): Promise<number> =>
    (await fixesOf(expectReport(await open.evaluator.run(open.request, open.options)), open)).length;
  await copyFile(join(open.root, '../outside.nix'), join(open.root, 'linked.nix'));
  assert.notEqual(await offered(), 0);
  await rm(join(open.root, 'linked.nix'));
  await symlink('../outside.nix', join(open.root, 'linked.nix'));
  assert.equal(await offered(), 0);
});
