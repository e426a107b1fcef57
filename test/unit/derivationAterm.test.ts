import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDerivation } from '../../server/src/derivation/aterm.ts';
import { MalformedDerivationError } from '../../server/src/derivation/malformedDerivation.ts';
import type { ParsedDerivation } from '../../server/src/derivation/parsedDerivation.ts';

const drvPath = '/nix/store/00000000000000000000000000000000-hello-2.12.drv';
const store = (letter: string, name: string): string => `/nix/store/${letter.repeat(32)}-${name}`;

function parse(text: string | Buffer): ParsedDerivation {
  return parseDerivation(Buffer.from(text), drvPath);
}

/** A derivation with nothing but variables, as they stand in the file. */
function withVariables(...variables: readonly string[]): ParsedDerivation {
  return parse(`Derive([("out","","","")],[],[],"x86_64-linux","/bin/sh",[],[${variables.join(',')}])`);
}

function failure(text: string | Buffer): MalformedDerivationError {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof MalformedDerivationError) return error;
    throw error;
  }
  throw new Error(`parsed: ${text.toString()}`);
}

const complete =
  `Derive([("dev","${store('1', 'hello-2.12-dev')}","",""),("out","${store('2', 'hello-2.12')}","","")],` +
  `[("${store('3', 'bash.drv')}",["out"]),("${store('4', 'gcc.drv')}",["lib","out"])],` +
  `["${store('5', 'builder.sh')}"],"x86_64-linux","${store('a', 'bash')}/bin/bash",["-e","${store('5', 'builder.sh')}"],` +
  `[("buildInputs","${store('b', 'zlib')} ${store('c', 'curl-dev')}"),("name","hello"),("stdenv","${store('d', 'stdenv')}")])`;

test('everything the graph needs is read', () => {
  assert.deepEqual(parse(complete), {
    outputs: [
      { name: 'dev', path: store('1', 'hello-2.12-dev'), fixedOutput: false },
      { name: 'out', path: store('2', 'hello-2.12'), fixedOutput: false },
    ],
    inputs: [
      { drvPath: store('3', 'bash.drv'), outputs: ['out'] },
      { drvPath: store('4', 'gcc.drv'), outputs: ['lib', 'out'] },
    ],
    system: 'x86_64-linux',
    builder: `${store('a', 'bash')}/bin/bash`,
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
    preferLocalBuild: false,
    allowSubstitutes: true,
    requiredSystemFeatures: [],
    setupHookOnly: false,
  });
});

test('a file that ends anywhere before its end is refused at its end', () => {
  for (let length = 0; length < complete.length; length++) {
    const { offset } = failure(complete.slice(0, length));
    assert.ok(offset !== undefined && offset <= length, `length ${length}, offset ${offset}`);
  }
});

test('a changed byte is either read or refused, and never crashes the parser', () => {
  let refused = 0;
  for (let index = 0; index < complete.length; index++) {
    for (const byte of [0x22, 0x5c, 0x5d, 0x28, 0xff]) {
      const bytes = Buffer.from(complete);
      bytes[index] = byte;
      try {
        parse(bytes);
      } catch (error) {
        if (!(error instanceof MalformedDerivationError)) throw error;
        refused++;
      }
    }
  }
  assert.ok(refused > 0);
});

test('escapes do not end a skipped string', () => {
  const { preferLocalBuild, requiredSystemFeatures } = withVariables(
    String.raw`("a","\"),(\"preferLocalBuild\",\"0\\")`,
    String.raw`("b","\\\"\\\\")`,
    `("preferLocalBuild","1")`,
    String.raw`("requiredSystemFeatures","kvm\n big-parallel\t")`,
  );
  assert.equal(preferLocalBuild, true);
  assert.deepEqual(requiredSystemFeatures, ['kvm', 'big-parallel']);
});

test('kept strings are decoded', () => {
  const text = String.raw`Derive([("out","","","")],[],[],"ü\"\\\n","/bin/ä\t\r",[],[])`;
  const { system, builder } = parse(text);
  assert.equal(system, 'ü"\\\n');
  assert.equal(builder, '/bin/ä\t\r');
});

test('offsets are bytes, not characters', () => {
  const text = 'Derive([("out","","","")],[],[],"ääää",/bin/sh';
  assert.equal(failure(text).offset, Buffer.byteLength(text) - '/bin/sh'.length);
});

test('outputs without a path, with a fixed one and impure ones are told apart', () => {
  const outputs =
    `("fixed","${store('1', 'src')}","r:sha256","${'0'.repeat(64)}"),("floating","","r:sha256",""),` +
    `("impure","","r:sha256","impure"),("deferred","","","")`;
  assert.deepEqual(parse(`Derive([${outputs}],[],[],"","",[],[])`).outputs, [
    { name: 'fixed', path: store('1', 'src'), fixedOutput: true },
    { name: 'floating', fixedOutput: false },
    { name: 'impure', fixedOutput: false },
    { name: 'deferred', fixedOutput: false },
  ]);
});

test('the form for dynamic derivations has outputs of outputs', () => {
  const inputs =
    `("${store('1', 'a.drv')}",(["out"],[("dev",(["bin"],[("x",["y"])]))])),` +
    `("${store('2', 'b.drv')}",["out"])`;
  const text = `DrvWithVersion("xp-dyn-drv",[("out","","","")],[${inputs}],[],"","",[],[])`;
  assert.deepEqual(parse(text).inputs, [
    { drvPath: store('1', 'a.drv'), outputs: ['out', 'dev^bin', 'dev^x^y'] },
    { drvPath: store('2', 'b.drv'), outputs: ['out'] },
  ]);
  assert.match(failure(text.replace('xp-dyn-drv', 'xp-other')).message, /byte 0: expected .*xp-dyn-drv/);
});

test('outputs of outputs of outputs without end do not exhaust the stack', () => {
  const nested = `(["o"],[("n",`.repeat(50_000);
  const text = `DrvWithVersion("xp-dyn-drv",[],[("${store('1', 'a.drv')}",${nested}`;
  assert.match(failure(text).message, /expected at most 64 levels/);
});

test('every name of a role is known, those of nixpkgs 18.03 among them', () => {
  const { uses } = withVariables(
    ...['depsBuildBuild', 'depsHostBuild', 'depsHostHost', 'depsTargetTargetPropagated', 'hostBuild'].map(
      (name, index) => `("${name}","${store(String(index), 'x')}")`,
    ),
  );
  assert.deepEqual(
    uses.map(({ role, hash }) => `${role} ${hash.charAt(0)}`),
    ['depsBuildBuild 0', 'depsHostHost 1', 'depsHostHost 2', 'depsTargetTargetPropagated 3'],
  );
});

test('placeholders of outputs count as paths, other long words do not', () => {
  const placeholder = '1rz4g4znpzjwh1xymhjpm42vipw92pr73vdgl6xs1hycac8kf2n9';
  const { uses } = withVariables(`("buildInputs","/${placeholder} /${placeholder}x /short ${placeholder}")`);
  assert.deepEqual(uses, [{ role: 'buildInputs', hash: placeholder }]);
});

test('structured attributes give what plain variables give', () => {
  const json = JSON.stringify({
    nativeBuildInputs: [store('b', 'cmake'), store('c', 'ninja')],
    stdenv: store('d', 'stdenv'),
    preferLocalBuild: true,
    allowSubstitutes: false,
    requiredSystemFeatures: ['kvm', 'nixos-test'],
    cmakeFlags: ['-DCMAKE_SYSTEM_NAME=Linux', '-DCMAKE_SYSTEM_PROCESSOR=aarch64'],
    configureFlags: ['--build=x86_64-unknown-linux-gnu', '--host=aarch64-unknown-linux-gnu'],
    other: { deeper: [1, null] },
  });
  const parsed = withVariables(`("__json","${json.replace(/["\\]/g, '\\$&')}")`);
  assert.deepEqual(parsed.uses.map(({ role, hash }) => `${role} ${hash.charAt(0)}`).sort(), [
    'nativeBuildInputs b',
    'nativeBuildInputs c',
    'stdenv d',
  ]);
  assert.equal(parsed.preferLocalBuild, true);
  assert.equal(parsed.allowSubstitutes, false);
  assert.deepEqual(parsed.requiredSystemFeatures, ['kvm', 'nixos-test']);
  assert.deepEqual(parsed.crossFlags, {
    mesonCrossFile: false,
    cmakeSystemName: 'Linux',
    cmakeSystemProcessor: 'aarch64',
    configureHost: 'aarch64-unknown-linux-gnu',
    configureBuild: 'x86_64-unknown-linux-gnu',
  });
});

test('only a derivation that writes nothing but its setup hook is one', () => {
  const hook = (command: string): boolean => withVariables(`("buildCommand","${command}")`).setupHookOnly;
  const copies = String.raw`mkdir -p $out/nix-support\ncp /x $out/nix-support/setup-hook\n`;
  assert.equal(hook(copies), true);
  assert.equal(hook(copies.replaceAll('$out', '\\"${out}\\"')), true);
  assert.equal(hook(`${copies}install x $out/bin/x`), false);
  assert.equal(hook('mkdir $out'), false);
});

for (const [what, text, message] of [
  ['another term', 'Hello([', 'byte 0: expected `Derive([`, found "Hello(["'],
  ['an empty file', '', 'byte 0: expected `Derive([`, found the end of the file'],
  ['a missing comma', 'Derive([("out","","","")("x"', 'byte 24: expected `,` or `]`, found "(\\"x\\""'],
  ['a number', 'Derive([("out",1', 'byte 15: expected a string, found "1"'],
  [
    'a relative path',
    'Derive([("out","x","","")]',
    'byte 16: expected an output path or nothing, found "x\\",\\"\\",\\"\\")]"',
  ],
  [
    'a relative input',
    'Derive([],[("x",[])]',
    'byte 13: expected the path of an input derivation, found "x\\",[])]"',
  ],
  [
    'an open string',
    'Derive([("out',
    'byte 13: expected the closing quote of a string, found the end of the file',
  ],
  ['a second term', `${complete}\n`, `byte ${complete.length}: expected the end of the file, found "\\n"`],
  [
    'no object in __json',
    'Derive([],[],[],"","",[],[("__json","[1]")])',
    'byte 37: expected a JSON object as the value of __json, found "[1]\\")])"',
  ],
] as const) {
  test(`${what} is refused with its place and what was expected`, () => {
    assert.equal(failure(text).message, `${drvPath}: ${message}`);
  });
}
