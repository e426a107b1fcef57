import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tryTogether, type Shown } from '../../server/src/fixes/proof/together.ts';

const items = [0, 1, 2, 3, 4, 5, 6, 7];
const never = new AbortController().signal;

/** Shows something of each item where none of them is bad, else nothing but of one alone. */
function trying(bad: ReadonlySet<number>, tried: number[][], suspects: readonly number[] = []) {
  return (some: readonly number[]): Promise<Shown<string>> => {
    tried.push([...some]);
    const isRight = !some.some((item) => bad.has(item));
    const verdict = isRight ? 'right' : some.length === 1 ? 'wrong' : undefined;
    return Promise.resolve({ verdicts: some.map(() => verdict), suspects });
  };
}

test('what is right together is tried once', async () => {
  const tried: number[][] = [];
  const found = await tryTogether(items, trying(new Set(), tried), never);
  assert.equal(tried.length, 1);
  assert.deepEqual(
    [...found.values()],
    items.map(() => 'right'),
  );
});

test('what is wrong is found in halves, and the others are right', async () => {
  const tried: number[][] = [];
  const found = await tryTogether(items, trying(new Set([5]), tried), never);
  assert.deepEqual(
    items.map((item) => found.get(item)),
    items.map((item) => (item === 5 ? 'wrong' : 'right')),
  );
  assert.equal(tried.length, 7);
});

test('what is suspected is tried apart', async () => {
  const tried: number[][] = [];
  await tryTogether(items, trying(new Set([5]), tried, [5]), never);
  assert.deepEqual(tried, [items, [0, 1, 2, 3, 4, 6, 7], [5]]);
});

test('when the time is over, nothing more is tried', async () => {
  const tried: number[][] = [];
  const over = new AbortController();
  const attempt = trying(new Set(items), tried);
  const found = await tryTogether(
    items,
    (some) => {
      if (tried.length === 2) over.abort();
      return attempt(some);
    },
    over.signal,
  );
  assert.equal(tried.length, 3);
  assert.equal(found.size, 0);
});
