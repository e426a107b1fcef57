import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { PartedMap } from '../../server/src/model/partedMap.ts';
import { encodeNix32 } from '../../server/src/model/storePath.ts';

const count = 20_000;

function hashOf(n: number): string {
  return encodeNix32(createHash('sha256').update(String(n)).digest().subarray(0, 20));
}

/** What closures are full of. */
const texts = {
  'store paths': (n: number) => `/nix/store/${hashOf(n)}-package-1.0.drv`,
  'paths of another store': (n: number) => `/home/somebody/a/rather/long/path/to/a/store/${hashOf(n)}-p`,
  'hash parts': hashOf,
  'short names that differ at the end': (n: number) => `p-${n}`,
};

for (const [name, textOf] of Object.entries(texts))
  test(`a map in parts finds ${name}, and none of its parts grows large`, () => {
    const map = new PartedMap<number>();
    for (let n = 0; n < count; n++) map.set(textOf(n), n);
    for (let n = 0; n < count; n++) assert.equal(map.get(textOf(n)), n);
    assert.equal(map.get(textOf(count)), undefined);
    map.set(textOf(0), -1);
    assert.equal(map.get(textOf(0)), -1);
    const { sizes } = map;
    assert.equal(
      sizes.reduce((sum, size) => sum + size, 0),
      count,
    );
    const largest = Math.max(...sizes);
    assert.ok(largest < (3 * count) / sizes.length, String(largest));
  });
