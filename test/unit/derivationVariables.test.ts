import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseVariables } from '../../server/src/derivation/derivationVariables.ts';

function derivation(...variables: readonly (readonly [name: string, value: string])[]): string {
  const env = variables.map(([name, value]) => `("${name}",${JSON.stringify(value)})`);
  return `Derive([("out","/nix/store/x","","")],[("/nix/store/y.drv",["out"])],[],"x","/bin/sh",["-e"],[${env.join(',')}])`;
}

test('variables are read with their escapes', () => {
  const variables = parseVariables(derivation(['a', '(["\\\n'], ['b', ''], ['c', '\\']));
  assert.deepEqual(Object.fromEntries(variables), { a: '(["\\\n', b: '', c: '\\' });
});

test('a variable may hold a film', () => {
  const value = 'x'.repeat(12_000_000);
  assert.equal(parseVariables(derivation(['a', value], ['b', 'c'])).get('a')?.length, value.length);
});

test('what is cut off has the variables before the cut', () => {
  const text = derivation(['a', 'b'], ['c', 'd']);
  assert.deepEqual([...parseVariables(text.slice(0, -5)).keys()], ['a']);
});

test('attributes that are nested without end are no harm', () => {
  const nested = (open: string, close: string): string =>
    `{"a":${open.repeat(100_000)}1${close.repeat(100_000)},"b":["c",true]}`;
  for (const json of [nested('[', ']'), nested('{"a":', '}')])
    assert.equal(parseVariables(derivation(['__json', json])).get('b'), 'c true');
});
