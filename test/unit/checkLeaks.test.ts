import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countBroughtIn, type EdgeEnds } from '../../server/src/check/bringsIn.ts';
import { atOnce } from '../../server/src/model/slices.ts';
import { countDominated } from '../../server/src/check/dominators.ts';
import { isForeignTo } from '../../server/src/check/foreign.ts';
import type { DerivationGraph } from '../../server/src/model/derivationGraph.ts';
import type { StoredDerivation, SyntheticStore } from '../support/syntheticStore.ts';
import { judge, linux, type JudgedClosure } from '../support/closure.ts';

const darwin = { system: 'x86_64-darwin', env: { stdenv: '/none' } };

/**
 * The shape of hydra before its fix: two consumers, two leaks, of which one
 * depends on the other.
 */
function hydra(store: SyntheticStore): StoredDerivation {
  const source = store.add({ name: 'source', system: 'builtin', builder: 'builtin:fetchurl' });
  const libc = store.add({ name: 'libc', ...darwin, inputs: [source] });
  const own = store.add({ name: 'only-nix', ...darwin });
  const nix = store.add({ name: 'nix', ...darwin, inputs: [libc, own] });
  const perlOwn = store.add({ name: 'only-nix-perl', ...darwin });
  const nixPerl = store.add({ name: 'nix-perl', ...darwin, inputs: [nix, libc, perlOwn] });
  const glibc = store.add({ name: 'glibc' });
  const deps = store.add({ name: 'hydra-perl-deps', inputs: [nix, nixPerl, glibc] });
  return store.add({
    name: 'hydra',
    env: { buildInputs: `${nix.out()} ${deps.out()}` },
    inputs: [nix, deps],
  });
}

function namesOf({ graph }: JudgedClosure, ids: readonly number[] | undefined): string[] | undefined {
  return ids?.map((id) => graph.derivation(id).name);
}

test('leaks are gathered by input, with a shortest path, the greater first', async () => {
  const closure = await judge(hydra);
  const [first, second, ...others] = closure.judgement.leaks;
  assert.equal(others.length, 0);
  assert.deepEqual(namesOf(closure, first?.path), ['hydra', 'nix']);
  assert.deepEqual(namesOf(closure, second?.path), ['hydra', 'hydra-perl-deps', 'nix-perl']);
  assert.deepEqual(
    namesOf(
      closure,
      first?.edges.map(({ consumer }) => consumer),
    )?.sort(),
    ['hydra', 'hydra-perl-deps'],
  );
  assert.equal(first?.severity, 'error');
  assert.equal(second?.rule, 'plain-reference');
});

test('derivations are counted by build platform, builtin builders apart', async () => {
  const { judgement } = await judge(hydra);
  assert.deepEqual(Object.fromEntries(judgement.bySystem), {
    'x86_64-linux': 3,
    'x86_64-darwin': 5,
    builtin: 1,
  });
});

test('what leaks bring in is counted together, not one by one', async () => {
  const { graph, judgement } = await judge(hydra);
  const isForeign = isForeignTo(graph, linux);
  const everything = (): boolean => true;
  const [nix, nixPerl] = judgement.leaks;
  assert.ok(nix !== undefined && nixPerl !== undefined);
  const both = [...nix.edges, ...nixPerl.edges];
  assert.deepEqual(atOnce(countBroughtIn(graph, [both], isForeign)), [5]);
  // By itself nix stays, since nix-perl depends on it.
  const groups = [both, nix.edges, nixPerl.edges, []];
  assert.deepEqual(atOnce(countBroughtIn(graph, groups, everything)), [6, 0, 2, 0]);
});

/** What is no longer reached without these edges, found by walking without them. */
function countWithout(graph: DerivationGraph, edges: readonly EdgeEnds[]): number {
  const reached = new Set([graph.root]);
  for (const id of reached)
    for (const input of graph.inputIds(id))
      if (!edges.some((edge) => edge.consumer === id && edge.input === input)) reached.add(input);
  return graph.size - reached.size;
}

test('of any groups of edges it is counted what is reached through none but theirs', async () => {
  // Numerical Recipes' generator: the same closures in every run.
  let state = 7;
  const below = (limit: number): number => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return Math.floor((state / 2 ** 32) * limit);
  };
  for (let round = 0; round < 40; round++) {
    const { graph } = await judge((store) => {
      const made = [store.add({ name: 'first' })];
      for (let n = 1; n < 14; n++) {
        const inputs = made.filter((_, index) => index === n - 1 || below(4) === 0);
        made.push(store.add({ name: `derivation-${n}`, inputs }));
      }
      return store.add({ name: 'root', inputs: made.slice(-3) });
    });
    const edges = Array.from({ length: graph.size }, (_, consumer) =>
      [...graph.inputIds(consumer)].map((input) => ({ consumer, input })),
    ).flat();
    const groups = Array.from({ length: 5 }, () => edges.filter(() => below(3) === 0));
    assert.deepEqual(
      atOnce(countBroughtIn(graph, groups, () => true)),
      groups.map((group) => countWithout(graph, group)),
      `round ${round}`,
    );
  }
});

test('what is reached only through a derivation is what leaves when nobody uses it', async () => {
  const { graph } = await judge(hydra);
  const dominated = atOnce(countDominated(graph, () => true));
  for (let input = 0; input < graph.size; input++) {
    if (input === graph.root) continue;
    const edges = [...graph.consumerIds(input)].map((consumer) => ({ consumer, input }));
    assert.equal(
      dominated[input],
      atOnce(countBroughtIn(graph, [edges], () => true))[0],
      graph.derivation(input).name,
    );
  }
  assert.equal(dominated[graph.root], graph.size);
});

test('a derivation is foreign by its build platform, unless Nix builds it itself', async () => {
  const closure = await judge(hydra);
  const { graph } = closure;
  const isForeign = isForeignTo(graph, linux);
  const foreign = Array.from({ length: graph.size }, (_, id) => id).filter(isForeign);
  assert.deepEqual(namesOf(closure, foreign)?.sort(), [
    'libc',
    'nix',
    'nix-perl',
    'only-nix',
    'only-nix-perl',
  ]);
});

test('a closure that is all right has no leaks', async () => {
  const { judgement } = await judge((store) =>
    store.add({ name: 'root', inputs: [store.add({ name: 'input' })] }),
  );
  assert.deepEqual(judgement.leaks, []);
});

test('what a setup hook brings along serves builds, whatever the hook is for', async () => {
  const hookWith = (system: string) =>
    judge((store) => {
      const tool = store.add({ name: 'tool', system, env: { stdenv: '/none' } });
      const hook = store.add({
        name: 'hook',
        inputs: [tool],
        env: {
          stdenv: '/none',
          configureFlags: '--build=x86_64-unknown-linux-gnu --host=aarch64-unknown-linux-gnu',
          buildCommand: 'mkdir -p $out/nix-support\ncp x $out/nix-support/setup-hook',
          propagatedBuildInputs: tool.out(),
        },
      });
      return store.add({
        name: 'root',
        inputs: [hook],
        env: { stdenv: '/none', nativeBuildInputs: hook.out() },
      });
    });
  const ofHook = async (system: string): Promise<string[]> =>
    (await hookWith(system)).findings.filter((finding) => finding.includes('hook → tool'));
  assert.deepEqual(await ofHook('x86_64-linux'), []);
  assert.deepEqual(await ofHook('x86_64-darwin'), ['error host-platform: hook → tool']);
});
