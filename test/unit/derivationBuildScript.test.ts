import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readBuildScript } from '../../server/src/derivation/buildScript.ts';
import { MalformedDerivationError } from '../../server/src/derivation/malformedDerivation.ts';

const before = 'Derive([("out","/s/o","","")],[("/s/i.drv",["out","dev"])],["/s/src"],"x","/bin/sh",';

/** A .drv file's text with these arguments and variables. */
function read(rest: string) {
  return readBuildScript(Buffer.from(`${before}${rest})`), '/s/x.drv');
}

test('variables and arguments are read as Nix writes them', () => {
  const script = read('["-c","a(b[\\"c"],[("a","1\\n\\"2\\" )]"),("b","")]');
  assert.equal(script.builder, '/bin/sh');
  assert.deepEqual(script.arguments, ['-c', 'a(b["c']);
  assert.deepEqual(
    [...script.variables],
    [
      ['a', '1\n"2" )]'],
      ['b', ''],
    ],
  );
});

test('structured attributes are the variables that they become, the rest is JSON', () => {
  const attributes = {
    list: ['x', 'y'],
    flag: true,
    set: { k: 1 },
    sets: [{ paths: ['/s/x'] }],
    env: { GOARCH: 'arm64' },
  };
  const { variables } = read(`[],[("__json",${JSON.stringify(JSON.stringify(attributes))})]`);
  assert.deepEqual(
    [...variables].filter(([name]) => name !== 'env'),
    [
      ['list', 'x y'],
      ['flag', '1'],
      ['set', '{"k":1}'],
      ['sets', '[{"paths":["/s/x"]}]'],
      ['GOARCH', 'arm64'],
    ],
  );
});

test('a derivation that is cut off is malformed', () => {
  const text = `${before}["-c"],[("a","1`;
  for (let length = 0; length < text.length; length++)
    assert.throws(
      () => readBuildScript(Buffer.from(text.slice(0, length)), '/s/x.drv'),
      MalformedDerivationError,
    );
});
