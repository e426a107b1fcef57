import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atOnce } from '../../server/src/model/slices.ts';
import { countBroughtIn } from '../../server/src/check/bringsIn.ts';
import { countDominated } from '../../server/src/check/dominators.ts';
import { isForeignTo } from '../../server/src/check/foreign.ts';
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
  assert.equal(countBroughtIn(graph, both, isForeign), 5);
  assert.equal(countBroughtIn(graph, both, everything), 6);
  // nix stays, since nix-perl depends on it.
  assert.equal(countBroughtIn(graph, nix.edges, everything), 0);
  assert.equal(countBroughtIn(graph, nixPerl.edges, everything), 2);
  assert.equal(countBroughtIn(graph, [], everything), 0);
});

test('what is reached only through a derivation is what leaves when nobody uses it', async () => {
  const { graph } = await judge(hydra);
  const dominated = atOnce(countDominated(graph, () => true));
  for (let input = 0; input < graph.size; input++) {
    if (input === graph.root) continue;
    const edges = [...graph.consumerIds(input)].map((consumer) => ({ consumer, input }));
    assert.equal(
      dominated[input],
      countBroughtIn(graph, edges, () => true),
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
