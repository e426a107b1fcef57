import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readAudit } from '../../scripts/support/audit.mjs';

const answer = (counts: Readonly<Record<string, number>>, vulnerabilities: object = {}): string =>
  JSON.stringify({ metadata: { vulnerabilities: { high: 0, critical: 0, ...counts } }, vulnerabilities });

test('an audit tells faults, and high ones are bad', () => {
  assert.deepEqual(readAudit(answer({ total: 0 })), { verdict: 'good', text: 'npm audit: no known faults' });
  const fault = { x: { name: 'x', severity: 'high', range: '<2' } };
  assert.deepEqual(readAudit(answer({ total: 1, high: 1 }, fault)), {
    verdict: 'bad',
    text: 'npm audit: 1 known faults, 1 of them high or critical\n  x <2: high',
  });
  assert.equal(readAudit(answer({ total: 1, low: 1 })).verdict, 'good');
});

test('where nothing answers, that is said, and never that there are no faults', () => {
  for (const [printed, reason] of [
    ['{ "message": "405 Method Not Allowed", "error": {} }', '405 Method Not Allowed'],
    ['', 'nothing was printed'],
    ['npm error: no such command', 'npm error: no such command'],
    ['{ "metadata": {} }', '{ "metadata": {} }'],
  ] as const) {
    assert.deepEqual(readAudit(printed), {
      verdict: 'unknown',
      text: `npm audit: NOT CHECKED. The registry gave no answer: ${reason}`,
    });
  }
});
