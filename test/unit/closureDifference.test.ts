import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { atOnce } from '../../server/src/model/slices.ts';
import { findSystemEntries } from '../../server/src/check/closureDifference.ts';
import { loadClosure } from '../../server/src/derivation/loadClosure.ts';
import { SyntheticStore, type StoredDerivation } from '../support/syntheticStore.ts';

const [linux, darwin] = ['x86_64-linux', 'aarch64-darwin'];

type Write = (store: SyntheticStore, system: string) => StoredDerivation;

/** The entries of a closure that is evaluated as Linux, compared with the same as Darwin, by name. */
async function entriesOf(write: Write): Promise<string[]> {
  using one = new SyntheticStore();
  using other = new SyntheticStore();
  const graph = await loadClosure(write(one, linux).drvPath);
  const theirs = await loadClosure(write(other, darwin).drvPath);
  const entries = atOnce(
    findSystemEntries({ graph, evaluatedAs: linux }, { graph: theirs, evaluatedAs: darwin }),
  );
  return entries.map((id) => graph.derivation(id).name);
}

describe('where the evaluating machine comes into a closure', () => {
  test('at the input that is of its system, below consumers that are not', async () => {
    const entries = await entriesOf((store, system) => {
      const below = store.add({ name: 'below', system });
      const tool = store.add({ name: 'tool', system, inputs: [below] });
      const fixed = store.add({ name: 'fixed', system: linux });
      const middle = store.add({ name: 'middle', system: linux, inputs: [tool, fixed] });
      return store.add({ name: 'root', system: linux, inputs: [middle] });
    });
    assert.deepEqual(entries, ['tool'], 'what hangs below it differs because it does');
  });

  test('at the root, where all of it follows the machine', async () => {
    const entries = await entriesOf((store, system) => {
      const tool = store.add({ name: 'tool', system });
      return store.add({ name: 'root', system, inputs: [tool] });
    });
    assert.deepEqual(entries, ['root']);
  });

  test('once, where several consumers share it', async () => {
    const entries = await entriesOf((store, system) => {
      const tool = store.add({ name: 'tool', system });
      const left = store.add({ name: 'left', system: linux, inputs: [tool] });
      const right = store.add({ name: 'right', system: linux, inputs: [tool] });
      return store.add({ name: 'root', system: linux, inputs: [left, right] });
    });
    assert.deepEqual(entries, ['tool']);
  });

  test('nowhere, where the difference is none of systems', async () => {
    const entries = await entriesOf((store, system) => {
      const tool = store.add({ name: 'tool', system: linux, env: { note: system } });
      return store.add({ name: 'root', system: linux, inputs: [tool] });
    });
    assert.deepEqual(entries, []);
  });

  test('not at what one of the two alone has', async () => {
    const entries = await entriesOf((store, system) => {
      const only = store.add({ name: `only-${system}`, system });
      return store.add({ name: 'root', system: linux, inputs: [only] });
    });
    assert.deepEqual(entries, []);
  });

  test('not at what is of a third system', async () => {
    const entries = await entriesOf((store, system) => {
      const cross = store.add({ name: 'cross', system: system === linux ? 'i686-linux' : darwin });
      return store.add({ name: 'root', system: linux, inputs: [cross] });
    });
    assert.deepEqual(entries, []);
  });
});
