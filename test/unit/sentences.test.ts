import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatNumber, scriptLine } from '../../server/src/output/sentences.ts';

test('a line of a script shows the program, and no hash', () => {
  const path = '/nix/store/zdp7hgz67ryx7zvgd56w0jjlsx9pkj5v-flex-2.6.4/bin/flex';
  assert.equal(scriptLine(`LEX=${path}  CC=cc`), 'LEX=/nix/store/…-flex-2.6.4/bin/flex CC=cc');
  assert.equal(scriptLine(`#!${path}`), '#!/nix/store/…-flex-2.6.4/bin/flex');
  assert.equal(scriptLine('cp /usr/lib/x-y .'), 'cp /usr/lib/x-y .');
});

test('digits are grouped by thousands', () => {
  const numbers = [0, 999, 1000, 12_345, 123_456, 1_234_567, 9_007_199_254_740_993n];
  assert.deepEqual(numbers.map(formatNumber), [
    '0',
    '999',
    '1,000',
    '12,345',
    '123,456',
    '1,234,567',
    '9,007,199,254,740,993',
  ]);
});
