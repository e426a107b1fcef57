import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SourceRange } from '../../server/src/model/location.ts';
import { overlap, RangeIndex } from '../../server/src/model/rangeIndex.ts';

/** The same numbers on every run. */
function numbers(): (below: number) => number {
  let seed = 1;
  return (below) => (seed = (seed * 48_271) % 2_147_483_647) % below;
}

function rangesFrom(next: (below: number) => number, count: number): SourceRange[] {
  return Array.from({ length: count }, () => {
    const line = next(400);
    // Most are of a line or two, some of hundreds.
    const end = line + (next(8) === 0 ? next(300) : next(2));
    const [from, to] = [next(20), 20 + next(20)];
    return {
      file: next(3) === 0 ? '/a.nix' : '/b.nix',
      range: { start: { line, character: from }, end: { line: end, character: to } },
    };
  });
}

test('what an index finds is what looking at every range finds', () => {
  const next = numbers();
  let hits = 0;
  for (let round = 0; round < 200; round++) {
    const index = new RangeIndex();
    const known = rangesFrom(next, 1 + next(20));
    for (const range of known) index.add(range);
    for (const range of rangesFrom(next, 20)) {
      const expected = known.some((other) => overlap(range, other));
      assert.equal(index.overlaps(range), expected, JSON.stringify({ range, known }));
      hits += Number(expected);
    }
  }
  // Both answers were given often.
  assert.ok(hits > 400 && hits < 3600, String(hits));
});

test('ranges that touch each other overlap, also where they meet between two lines', () => {
  const at = (from: [number, number], to: [number, number]): SourceRange => ({
    file: '/a.nix',
    range: {
      start: { line: from[0], character: from[1] },
      end: { line: to[0], character: to[1] },
    },
  });
  const index = new RangeIndex();
  index.add(at([1, 4], [2, 0]));
  assert.ok(index.overlaps(at([2, 0], [2, 5])));
  assert.ok(index.overlaps(at([0, 0], [1, 4])));
  assert.ok(!index.overlaps(at([2, 1], [2, 5])));
  assert.ok(!index.overlaps({ ...at([2, 0], [2, 5]), file: '/b.nix' }));
});
