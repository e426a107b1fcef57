import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeDerivation, decodeDerivations } from '../../server/src/derivation/decodeDerivation.ts';

const storeDir = '/nix/store';
const base = (letter: string, name: string): string => `${letter.repeat(32)}-${name}`;
const path = (letter: string, name: string): string => `${storeDir}/${base(letter, name)}`;
const drvPath = path('0', 'hello-2.12.drv');

const env = {
  buildInputs: `${path('b', 'zlib')} ${path('c', 'curl-dev')}`,
  out: path('2', 'hello-2.12'),
  stdenv: path('d', 'stdenv'),
  preferLocalBuild: '1',
  allowSubstitutes: '',
};
const common = { args: ['-e', path('5', 'builder.sh')], builder: `${path('a', 'bash')}/bin/bash`, env };
const outputs = { out: { path: path('2', 'hello-2.12') } };
const inputDrvs = { [path('3', 'bash.drv')]: ['out'], [path('4', 'gcc.drv')]: ['lib', 'out'] };
const nestedInputs = (key: (letter: string, name: string) => string): object => ({
  [key('3', 'bash.drv')]: { dynamicOutputs: {}, outputs: ['out'] },
  [key('4', 'gcc.drv')]: { dynamicOutputs: {}, outputs: ['lib', 'out'] },
});

/** One and the same derivation as each version of Nix prints it. */
const formats: Readonly<Record<string, unknown>> = {
  '2.3': { [drvPath]: { ...common, outputs, inputSrcs: [], inputDrvs, platform: 'x86_64-linux' } },
  '2.4–2.14': { [drvPath]: { ...common, outputs, inputSrcs: [], inputDrvs, system: 'x86_64-linux' } },
  '2.15–2.17': {
    [drvPath]: { ...common, name: 'hello', outputs, inputSrcs: [], inputDrvs, system: 'x86_64-linux' },
  },
  '2.18–2.29, Lix': {
    [drvPath]: {
      ...common,
      name: 'hello',
      outputs,
      inputSrcs: [],
      inputDrvs: nestedInputs(path),
      system: 'x86_64-linux',
    },
  },
  '2.32': {
    [base('0', 'hello-2.12.drv')]: {
      ...common,
      name: 'hello',
      outputs: { out: { path: base('2', 'hello-2.12') } },
      inputSrcs: [base('5', 'builder.sh')],
      inputDrvs: nestedInputs(base),
      system: 'x86_64-linux',
      version: 3,
    },
  },
  '2.33–2.35': {
    version: 4,
    derivations: {
      [base('0', 'hello-2.12.drv')]: {
        ...common,
        name: 'hello',
        outputs: { out: { path: base('2', 'hello-2.12') } },
        inputs: { srcs: [base('5', 'builder.sh')], drvs: nestedInputs(base) },
        system: 'x86_64-linux',
        version: 4,
      },
    },
  },
};

for (const [version, json] of Object.entries(formats)) {
  test(`the form of Nix ${version} is understood`, () => {
    assert.deepEqual(decodeDerivation(json, drvPath), {
      outputs: [{ name: 'out', path: path('2', 'hello-2.12'), fixedOutput: false }],
      inputs: [
        { drvPath: path('3', 'bash.drv'), outputs: ['out'] },
        { drvPath: path('4', 'gcc.drv'), outputs: ['lib', 'out'] },
      ],
      system: 'x86_64-linux',
      builder: `${path('a', 'bash')}/bin/bash`,
      uses: [
        { role: 'builder', hash: 'a'.repeat(32) },
        { role: 'args', hash: '5'.repeat(32) },
        { role: 'buildInputs', hash: 'b'.repeat(32) },
        { role: 'buildInputs', hash: 'c'.repeat(32) },
        { role: 'stdenv', hash: 'd'.repeat(32) },
      ],
      hasStdenv: true,
      isStdenv: false,
      crossFlags: undefined,
      targetSigns: undefined,
      preferLocalBuild: true,
      allowSubstitutes: false,
      requiredSystemFeatures: [],
      setupHookOnly: false,
    });
  });
}

const minimal = { outputs, inputDrvs: {}, system: 'x86_64-linux', builder: '/bin/sh', args: [], env: {} };

for (const [form, output, fixedOutput, expectedPath] of [
  ['input-addressed', { path: path('2', 'x') }, false, path('2', 'x')],
  ['fixed, up to 2.22', { path: path('2', 'x'), hashAlgo: 'r:sha256', hash: '00' }, true, path('2', 'x')],
  [
    'fixed, 2.23–2.31',
    { path: path('2', 'x'), method: 'nar', hashAlgo: 'sha256', hash: '00' },
    true,
    path('2', 'x'),
  ],
  ['fixed, since 2.32', { method: 'flat', hash: 'sha256-AAAA' }, true, path('9', 'from-env')],
  ['floating', { hashAlgo: 'r:sha256' }, false, undefined],
  ['floating, since 2.23', { method: 'nar', hashAlgo: 'sha256' }, false, undefined],
  ['impure', { hashAlgo: 'r:sha256', impure: true }, false, undefined],
  ['deferred', {}, false, undefined],
] as const) {
  test(`an output that is ${form} is understood`, () => {
    const json = { [drvPath]: { ...minimal, outputs: { out: output }, env: { out: path('9', 'from-env') } } };
    const [decoded] = decodeDerivation(json, drvPath).outputs;
    const expected = expectedPath === undefined ? {} : { path: expectedPath };
    assert.deepEqual(decoded, { name: 'out', fixedOutput, ...expected });
  });
}

test('structured attributes are found as an object and as text', () => {
  const attributes = {
    nativeBuildInputs: [path('b', 'cmake')],
    preferLocalBuild: true,
    allowSubstitutes: false,
    requiredSystemFeatures: ['kvm'],
  };
  const asText = { [drvPath]: { ...minimal, env: { __json: JSON.stringify(attributes) } } };
  const asObject = { [drvPath]: { ...minimal, structuredAttrs: attributes } };
  const decoded = decodeDerivation(asText, drvPath);
  assert.deepEqual(decodeDerivation(asObject, drvPath), decoded);
  assert.deepEqual(decoded.uses, [{ role: 'nativeBuildInputs', hash: 'b'.repeat(32) }]);
  assert.deepEqual(decoded.requiredSystemFeatures, ['kvm']);
  assert.equal(decoded.allowSubstitutes, false);
});

test('outputs of outputs keep the way to them', () => {
  const used = { outputs: ['out'], dynamicOutputs: { dev: { outputs: ['bin'], dynamicOutputs: {} } } };
  const json = { [drvPath]: { ...minimal, inputDrvs: { [path('3', 'a.drv')]: used } } };
  assert.deepEqual(decodeDerivation(json, drvPath).inputs, [
    { drvPath: path('3', 'a.drv'), outputs: ['out', 'dev^bin'] },
  ]);
});

test('a whole closure is decoded by absolute paths', () => {
  const json = { derivations: { [base('0', 'a.drv')]: minimal, [base('1', 'b.drv')]: minimal }, version: 4 };
  assert.deepEqual([...decodeDerivations(json, storeDir).keys()], [path('0', 'a.drv'), path('1', 'b.drv')]);
});

for (const [what, json, message] of [
  ['a list', [], 'its JSON: expected record, found []'],
  [
    'another derivation',
    { [path('1', 'x.drv')]: minimal },
    'its JSON: expected that derivation, found others only',
  ],
  [
    'no builder',
    { [drvPath]: { ...minimal, builder: undefined } },
    'its JSON at builder: expected string, found nothing',
  ],
  ['no system', { [drvPath]: { ...minimal, system: undefined } }, 'its JSON: expected `system`, found none'],
  [
    'a number in env',
    { [drvPath]: { ...minimal, env: { name: 1 } } },
    'its JSON at env.name: expected string, found 1',
  ],
  [
    'broken structured attributes',
    { [drvPath]: { ...minimal, env: { __json: '{' } } },
    'its JSON at env.__json: expected JSON, found "{"',
  ],
  [
    'no inputs',
    { [drvPath]: { ...minimal, inputDrvs: undefined } },
    'its JSON: expected `inputDrvs` or `inputs`, found neither',
  ],
] as const) {
  test(`${what} is refused with its key and what was expected`, () => {
    assert.throws(() => decodeDerivation(json, drvPath), { message: `${drvPath}: ${message}` });
  });
}
