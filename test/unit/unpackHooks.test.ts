import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readUnpackHook } from '../../server/src/shell/unpackHooks.ts';

const hook = (condition: string): string => `unpackCmdHooks+=(_try)\n_try() {\n    ${condition}\n}\n`;

for (const [condition, endings] of [
  ['if ! [[ "$curSrc" =~ \\.zip$ ]]; then return 1; fi', ['.zip']],
  ['[[ "$1" = *.tar.lz ]] && tar --lzip -xf "$1"', ['.tar.lz']],
  ['if [[ "${curSrc}" =~ \\.(7z|zip)$ ]]; then 7z x "$curSrc"; fi', ['.7z', '.zip']],
] as const) {
  test(`a setup hook that asks ${condition}`, () => {
    assert.deepEqual(readUnpackHook(hook(condition))?.endings, endings);
  });
}

test('another setup hook unpacks nothing', () => {
  assert.equal(readUnpackHook('preConfigureHooks+=(x)\nx() { [[ "$1" = *.zip ]]; }'), undefined);
  assert.equal(readUnpackHook(hook('x "$curSrc"')), undefined);
});
