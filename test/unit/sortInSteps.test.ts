import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atOnce } from '../../server/src/model/slices.ts';
import { sortInSteps } from '../../server/src/model/sortInSteps.ts';

test('what is sorted in steps comes out as it is sorted at one go, equal ones as they came', () => {
  let seed = 7;
  const next = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
  for (let length = 0; length < 200; length++) {
    const elements = Array.from({ length }, (_, place) => ({ key: next(40), place }));
    const compare = (one: { key: number }, other: { key: number }): number => one.key - other.key;
    assert.deepEqual(atOnce(sortInSteps(elements, compare)), elements.toSorted(compare));
  }
});

test('a step of sorting compares few elements', () => {
  let compared = 0;
  const names = Array.from({ length: 3000 }, (_, n) => `file-${(n * 7919) % 3000}.nix`);
  const steps = sortInSteps(names, (one, other) => {
    compared += 1;
    return one.localeCompare(other);
  });
  for (let step = steps.next(); step.done !== true; step = steps.next()) {
    assert.ok(compared <= 100, String(compared));
    compared = 0;
  }
});
