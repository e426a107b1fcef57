import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readBuildScript } from '../../server/src/derivation/buildScript.ts';
import { MalformedDerivationError } from '../../server/src/derivation/malformedDerivation.ts';

function derivation(...variables: readonly (readonly [name: string, value: string])[]): string {
  const env = variables.map(([name, value]) => `("${name}",${JSON.stringify(value)})`);
  return `Derive([("out","/nix/store/x","","")],[("/nix/store/y.drv",["out"])],[],"x","/bin/sh",["-e"],[${env.join(',')}])`;
}

function variablesOf(text: string): ReadonlyMap<string, string> {
  return readBuildScript(Buffer.from(text), '/nix/store/x.drv').variables;
}

test('variables are read with their escapes', () => {
  const variables = variablesOf(derivation(['a', '(["\\\n'], ['b', ''], ['c', '\\']));
  assert.deepEqual(Object.fromEntries(variables), { a: '(["\\\n', b: '', c: '\\' });
});

test('a variable may hold a film', () => {
  const value = 'x'.repeat(12_000_000);
  assert.equal(variablesOf(derivation(['a', value], ['b', 'c'])).get('a')?.length, value.length);
});

test('what is cut off is refused', () => {
  const text = derivation(['a', 'b'], ['c', 'd']);
  assert.throws(() => variablesOf(text.slice(0, -5)), MalformedDerivationError);
});

test('attributes that are nested without end are no harm', () => {
  const nested = (open: string, close: string): string =>
    `{"a":${open.repeat(100_000)}1${close.repeat(100_000)},"b":["c",true]}`;
  for (const json of [nested('[', ']'), nested('{"a":', '}')])
    assert.equal(variablesOf(derivation(['__json', json])).get('b'), 'c 1');
});
