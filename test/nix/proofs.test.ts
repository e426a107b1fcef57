import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judgeClosure } from '../../server/src/check/judge.ts';
import { loadClosure } from '../../server/src/derivation/loadClosure.ts';
import type { Evaluator } from '../../server/src/running/evaluator.ts';
import { proveFixes } from '../../server/src/fixes/proveFixes.ts';
import { linux } from '../support/closure.ts';
import { testParser } from '../support/parser.ts';
import { policed } from '../support/policed.ts';
import { SyntheticStore } from '../support/syntheticStore.ts';
import { expectReport, openWorkspace, type OpenWorkspace } from '../support/workspace.ts';

/** What the proof of each repair of a workspace says. */
async function proofsOf(open: OpenWorkspace, evaluator: Evaluator = open.evaluator): Promise<string[]> {
  const report = expectReport(await open.evaluator.run(open.request, open.options));
  assert.equal(report.leaks.length, 1);
  const fixes = await proveFixes(await policed(report), await testParser(), evaluator, open.options);
  return fixes.map(({ proof }) => (proof.kind === 'proven' ? proof.statement : proof.reason));
}

const leaky = (root: string): string => `{ set }:
let
  pkgs = import set { };
  isMac = pkgs.system == "x86_64-darwin";
in
derivation { name = "root"; builder = "/bin/sh"; ${root} tools = if isMac then [ pkgs.vim ] else [ ]; }`;

describe('a repair that removes the leaks is not proven', () => {
  test('where the root is built on another system then', async () => {
    const text = leaky('system = if isMac then "x86_64-linux" else "aarch64-linux";');
    await using open = await openWorkspace({ files: { 'default.nix': text } }, { as: 'x86_64-darwin' });
    assert.deepEqual(await proofsOf(open), ['the root would be built on aarch64-linux, not on x86_64-linux']);
  });

  test('where less of the closure could be read', async () => {
    const text = leaky('system = "x86_64-linux";');
    await using open = await openWorkspace({ files: { 'default.nix': text } }, { as: 'x86_64-darwin' });
    assert.deepEqual(await proofsOf(open), ['1 → 0 darwin-built']);
    using store = new SyntheticStore();
    const root = store.add({ name: 'root', inputs: [store.describe({ name: 'lost' })] });
    const graph = await loadClosure(root.drvPath);
    assert.equal(graph.gaps.length, 1);
    const judgement = judgeClosure(graph, linux);
    const evaluator: Evaluator = {
      ...open.evaluator,
      runRepaired: () => Promise.resolve({ kind: 'closure', closure: { graph, judgement } }),
    };
    assert.deepEqual(await proofsOf(open, evaluator), ['the repaired closure could not be read whole']);
  });
});
