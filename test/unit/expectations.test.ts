import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { runsOn } from '../../server/src/model/system.ts';
import { expectationsOf, type ExpectationInput } from '../../server/src/realised/expectations.ts';
import { judge } from '../support/closure.ts';
import type { SyntheticStore, StoredDerivation } from '../support/syntheticStore.ts';

const marked = { stdenv: '/stdenv' };
const cross = {
  ...marked,
  configureFlags: '--build=x86_64-unknown-linux-gnu --host=aarch64-unknown-linux-gnu',
};

interface Expected {
  readonly severity: string | undefined;
  readonly madeFor?: string;
  readonly isEntry: boolean;
}

/** What is expected of each path of a runtime closure in which each refers to the next. */
async function expectations(
  write: (store: SyntheticStore) => readonly StoredDerivation[],
  more: Partial<ExpectationInput> = {},
): Promise<readonly Expected[]> {
  let chain: readonly StoredDerivation[] = [];
  const { graph, judgement } = await judge((store) => {
    chain = write(store);
    const [root] = chain;
    assert.ok(root);
    return root;
  });
  const paths = chain.map((derivation) => derivation.out());
  const root = graph.derivation(graph.root);
  assert.ok(root.host.kind === 'system');
  const found = expectationsOf({
    expected: { system: root.host.system, source: 'derivation', assumed: root.host.certainty === 'assumed' },
    closure: {
      paths,
      references: new Map(paths.slice(1).map((path, index) => [paths[index] ?? '', [path]])),
    },
    asked: new Set(paths.slice(0, 1)),
    graph,
    leaks: judgement.leaks,
    derivers: new Map(),
    canRun: (host, machine) => runsOn(host, machine) !== 'no',
    ...more,
  });
  return paths.map((path) => {
    const { severity, madeFor, isEntry } = found.get(path) ?? assert.fail(path);
    return { severity, isEntry, ...(madeFor !== undefined && { madeFor }) };
  });
}

describe('what the paths of a runtime closure should be for', () => {
  test('of one platform, all that differs is an error', async () => {
    const found = await expectations((store) => {
      const leaf = store.add({ name: 'leaf', env: marked });
      return [store.add({ name: 'root', env: marked, inputs: [leaf] }), leaf];
    });
    assert.deepEqual(found, [
      { severity: 'error', isEntry: false },
      { severity: 'error', isEntry: false },
    ]);
  });

  test('a leak is an error where it comes in; what it brings along is told of with it', async () => {
    const found = await expectations((store) => {
      const below = store.add({ name: 'curl', system: 'x86_64-darwin', env: marked });
      const leak = store.add({ name: 'nix', system: 'x86_64-darwin', env: marked, inputs: [below] });
      const root = store.add({
        name: 'root',
        env: { ...marked, buildInputs: leak.out() },
        inputs: [leak],
      });
      return [root, leak, below];
    });
    assert.deepEqual(found, [
      { severity: 'error', isEntry: false },
      { severity: 'error', madeFor: 'x86_64-darwin', isEntry: true },
      { severity: undefined, madeFor: 'x86_64-darwin', isEntry: false },
    ]);
  });

  test('a build tool that a cross-compiled output refers to is there on purpose', async () => {
    const found = await expectations((store) => {
      const tool = store.add({ name: 'bash', env: marked });
      const root = store.add({
        name: 'root',
        env: { ...cross, nativeBuildInputs: tool.out() },
        inputs: [tool],
      });
      return [root, tool];
    });
    assert.deepEqual(found, [
      { severity: 'error', isEntry: false },
      { severity: undefined, madeFor: 'x86_64-linux', isEntry: true },
    ]);
  });

  test('where all is made for another system than was asked for, none of it is there on purpose', async () => {
    const found = await expectations(
      (store) => {
        const leak = store.add({ name: 'nix', system: 'x86_64-darwin', env: marked });
        const leaf = store.add({
          name: 'leaf',
          env: { ...marked, buildInputs: leak.out() },
          inputs: [leak],
        });
        return [store.add({ name: 'farm', env: marked, inputs: [leaf] }), leaf, leak];
      },
      { expected: { system: 'aarch64-linux', source: 'given', assumed: false } },
    );
    assert.deepEqual(found, [
      { severity: 'error', madeFor: 'x86_64-linux', isEntry: false },
      { severity: 'error', madeFor: 'x86_64-linux', isEntry: false },
      { severity: 'error', madeFor: 'x86_64-darwin', isEntry: true },
    ]);
  });

  test('fixed outputs and sources are no error; what only a deriver is known of is', async () => {
    const write = (store: SyntheticStore): readonly StoredDerivation[] => {
      const fixed = store.add({ name: 'sdk', outputHash: ['sha256', '0'.repeat(64)] });
      const source = store.describe({ name: 'source' });
      const copied = store.describe({ name: 'copied' });
      return [store.add({ name: 'root', env: marked, inputs: [fixed] }), fixed, source, copied];
    };
    const severities = async (more: Partial<ExpectationInput>): Promise<unknown> =>
      (await expectations(write, more)).map(({ severity }) => severity);
    assert.deepEqual(await severities({}), ['error', 'info', 'info', 'info']);
    // The store's folder is another one each time: only the name says which path is asked for.
    class DeriverOfCopied extends Map<string, string> {
      override has(path: string): boolean {
        return path.endsWith('-copied');
      }
    }
    assert.deepEqual(await severities({ derivers: new DeriverOfCopied() }), [
      'error',
      'info',
      'info',
      'error',
    ]);
  });

  test('on an assumption there are only warnings, unless somebody said where it has to run', async () => {
    const write = (store: SyntheticStore): readonly StoredDerivation[] => {
      const leaf = store.add({ name: 'leaf' });
      return [store.add({ name: 'root', inputs: [leaf] }), leaf];
    };
    const assumed = await expectations(write);
    assert.deepEqual(
      assumed.map(({ severity }) => severity),
      ['warning', 'warning'],
    );
    const given = await expectations(write, {
      expected: { system: 'x86_64-linux', source: 'given', assumed: false },
    });
    assert.deepEqual(
      given.map(({ severity }) => severity),
      ['error', 'error'],
    );
  });
});
