import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scriptLine } from '../../server/src/output/sentences.ts';

test('a line of a script shows the program, and no hash', () => {
  const path = '/nix/store/zdp7hgz67ryx7zvgd56w0jjlsx9pkj5v-flex-2.6.4/bin/flex';
  assert.equal(scriptLine(`LEX=${path}  CC=cc`), 'LEX=/nix/store/…-flex-2.6.4/bin/flex CC=cc');
  assert.equal(scriptLine(`#!${path}`), '#!/nix/store/…-flex-2.6.4/bin/flex');
  assert.equal(scriptLine('cp /usr/lib/x-y .'), 'cp /usr/lib/x-y .');
});
