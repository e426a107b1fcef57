import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { Attempt } from '../../server/src/fixes/proof/attempts.ts';
import { independentBatches } from '../../server/src/fixes/proof/independence.ts';
import { atOnce } from '../../server/src/model/slices.ts';
import type { Range } from '../../server/src/model/location.ts';

const noSignal = new AbortController().signal;

function rangeAt(line: number, lines = 0): Range {
  return { start: { line, character: 0 }, end: { line: line + lines, character: 1 } };
}

function attempt(range: Range, reads: readonly Range[] = []): Attempt {
  return {
    candidate: {
      title: '',
      edits: [{ file: '/a.nix', range, newText: '' }],
      reads: reads.map((place) => ({ file: '/a.nix', range: place })),
    },
    leaks: new Map(),
  };
}

const sizesOf = (attempts: readonly Attempt[], signal = noSignal): number[] =>
  atOnce(independentBatches(attempts, signal)).map(({ length }) => length);

describe('repairs that are tried together', () => {
  test('edit no place twice, and none names what another one edits', () => {
    assert.deepEqual(sizesOf([attempt(rangeAt(1)), attempt(rangeAt(1)), attempt(rangeAt(2))]), [2, 1]);
    assert.deepEqual(sizesOf([attempt(rangeAt(1)), attempt(rangeAt(2), [rangeAt(1)])]), [1, 1]);
    assert.deepEqual(sizesOf([attempt(rangeAt(2), [rangeAt(1)]), attempt(rangeAt(1))]), [1, 1]);
  });

  test('nor what is within long stretches of text', () => {
    assert.deepEqual(sizesOf([attempt(rangeAt(500)), attempt(rangeAt(2), [rangeAt(10, 900)])]), [1, 1]);
    assert.deepEqual(sizesOf([attempt(rangeAt(2), [rangeAt(10, 900)]), attempt(rangeAt(500))]), [1, 1]);
  });

  test('are found without looking at each pair of them', () => {
    let looked = 0;
    const attempts = Array.from({ length: 5_000 }, (_, line) => {
      const range = rangeAt(line);
      return attempt({
        get start() {
          looked += 1;
          return range.start;
        },
        end: range.end,
      });
    });
    assert.deepEqual(sizesOf(attempts), [5_000]);
    assert.ok(looked <= 20 * attempts.length, `${looked} looks`);
  });

  test('are as many as there was time for', () => {
    assert.deepEqual(sizesOf([attempt(rangeAt(1))], AbortSignal.abort()), []);
  });
});
