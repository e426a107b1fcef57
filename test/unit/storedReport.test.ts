import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';

import { encodeReport } from '../../server/src/storage/reportCodec.ts';
import { reportOf } from '../fuzz/support/report.ts';

/** The longest line of a stored report whose closure, observations and texts have this size. */
async function longestLine(size: number): Promise<number> {
  const report = reportOf({
    names: Array.from({ length: size }, (_, n) => `package-${n % 10}`),
    systems: ['x86_64-linux'],
    edges: [],
    leaks: [],
    gap: null,
  });
  const place = { line: 1, character: 1 };
  const observations = Array.from({ length: size }, (_, id) => ({
    source: { file: '/w/default.nix', range: { start: place, end: place } },
    form: 'binding' as const,
    text: 'package',
    derivations: [id],
  }));
  const sources = new Map(Array.from({ length: size }, (_, n) => [`/w/${n % 10}/${n}.nix`, 'text']));
  const bytes = await encodeReport({
    key: 'key',
    madeAt: new Date(0),
    report: { ...report, observations, sources, filesRead: [...sources.keys()] },
  });
  const lines = gunzipSync(bytes).toString('utf8').split('\n');
  return Math.max(...lines.map(({ length }) => length));
}

test('a report is stored in pieces that do not grow with it, so that each is read at one go', async () => {
  const [small, large] = [await longestLine(2_000), await longestLine(20_000)];
  // Numbers have more digits.
  assert.ok(large < 1.1 * small, `${large} after ${small} characters`);
});
