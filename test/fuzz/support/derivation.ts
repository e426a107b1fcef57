import fc from 'fast-check';
import * as z from 'zod';

import { nesting } from './texts.ts';

/** A derivation as a person would describe it; every form that Nix ever wrote is made of it. */
export const derivationForm = z.object({
  outputs: z.array(
    z.object({ name: z.string(), kind: z.enum(['usual', 'fixed', 'floating', 'impure', 'deferred']) }),
  ),
  inputs: z.array(z.object({ path: z.string(), outputs: z.array(z.string()) })),
  system: z.string(),
  builder: z.string(),
  args: z.array(z.string()),
  env: z.array(z.tuple([z.string(), z.string()])),
  structured: z.record(z.string(), z.unknown()).optional(),
});
export type GivenDerivation = z.output<typeof derivationForm>;

export const storeDir = '/nix/store';
export const drvPath = `${storeDir}/${'d'.repeat(32)}-x.drv`;

const letters = '0123456789abcdfghijklmnpqrsvwxyz'.match(/./g) ?? [];
const hash = fc
  .array(fc.constantFrom(...letters), { minLength: 32, maxLength: 32 })
  .map((all) => all.join(''));
const name = fc.stringMatching(/^[a-z][a-z0-9+._-]{0,8}$/);
const storePath = fc.tuple(hash, name).map(([digits, rest]) => `${storeDir}/${digits}-${rest}`);
// A zero byte is in no string of Nix, and what is no UTF-8 in no JSON.
const text = fc.string({ unit: 'grapheme', maxLength: 12 }).map((given) => given.replaceAll('\0', ''));
const value = fc.oneof(
  text,
  storePath,
  fc.array(storePath, { maxLength: 3 }).map((paths) => paths.join(' ')),
  fc.constantFrom('', '1', '--host=aarch64-linux --build=x86_64-linux', 'a"b\\c\nd\te\rf'),
);
const variable = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      'stdenv',
      'buildInputs',
      'nativeBuildInputs',
      'depsBuildBuild',
      'configureFlags',
      'cmakeFlags',
      'preferLocalBuild',
      'allowSubstitutes',
      'requiredSystemFeatures',
      'setup',
      'buildCommand',
      'configurePlatforms',
    ),
  },
  { weight: 1, arbitrary: name },
);
const structuredValue = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', maxDepth: nesting },
    value,
    fc.boolean(),
    fc.integer(),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(name, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value;

export const givenDerivation: fc.Arbitrary<GivenDerivation> = fc.record(
  {
    outputs: fc.uniqueArray(
      fc.record({
        name: fc.oneof(fc.constant('out'), name),
        kind: fc.constantFrom('usual', 'fixed', 'floating', 'impure', 'deferred'),
      }),
      { selector: (output) => output.name, minLength: 1, maxLength: 3 },
    ),
    inputs: fc.uniqueArray(
      fc.record({
        path: storePath.map((path) => `${path}.drv`),
        outputs: fc.uniqueArray(fc.oneof(fc.constant('out'), name), { minLength: 1, maxLength: 3 }),
      }),
      { selector: ({ path }) => path, maxLength: 4 },
    ),
    system: fc.constantFrom('x86_64-linux', 'aarch64-darwin', 'builtin', 'ü'),
    builder: fc.oneof(fc.constantFrom('/bin/sh', 'builtin:fetchurl'), storePath),
    args: fc.array(value, { maxLength: 3 }),
    env: fc.uniqueArray(fc.tuple(variable, value), { selector: ([key]) => key, maxLength: 6 }),
    structured: fc.dictionary(fc.oneof(variable, name), structuredValue, {
      maxKeys: 4,
      noNullPrototype: true,
    }),
  },
  { requiredKeys: ['outputs', 'inputs', 'system', 'builder', 'args', 'env'] },
);

type Output = GivenDerivation['outputs'][number];

export function pathOf({ name: output, kind }: Output): string {
  return kind === 'usual' || kind === 'fixed' ? `${storeDir}/${'e'.repeat(32)}-x-${output}` : '';
}

/** The content of its .drv file, as Nix's `Derivation::unparse` writes it. */
export function atermOf(given: GivenDerivation): string {
  const quoted = (content: string): string =>
    `"${content.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')}"`;
  const list = (parts: readonly string[]): string => `[${parts.join(',')}]`;
  const outputs = given.outputs.map((output) => {
    const [algorithm, digest] = {
      usual: ['', ''],
      fixed: ['sha256', '00'],
      floating: ['r:sha256', ''],
      impure: ['r:sha256', 'impure'],
      deferred: ['', ''],
    }[output.kind];
    return `(${[output.name, pathOf(output), algorithm ?? '', digest ?? ''].map(quoted).join(',')})`;
  });
  const inputs = given.inputs.map(({ path, outputs: used }) => `(${quoted(path)},${list(used.map(quoted))})`);
  const variables = variablesOf(given, true).map(([key, content]) => `(${quoted(key)},${quoted(content)})`);
  const parts = [
    list(outputs),
    list(inputs),
    '[]',
    quoted(given.system),
    quoted(given.builder),
    list(given.args.map(quoted)),
    list(variables),
  ];
  return `Derive(${parts.join(',')})`;
}

/** Each output has a variable with its path. */
function variablesOf(given: GivenDerivation, hasJson: boolean): [string, string][] {
  const json: [string, string][] =
    hasJson && given.structured ? [['__json', JSON.stringify(given.structured)]] : [];
  const names = new Set(given.outputs.map((output) => output.name));
  // With structured attributes there are no others.
  const own = given.structured ? [] : given.env.filter(([key]) => !names.has(key));
  return [...json, ...own, ...given.outputs.map((output): [string, string] => [output.name, pathOf(output)])];
}

/** What differs between the JSON of one version of Nix and another, oldest first. */
export interface JsonForm {
  readonly since: string;
  readonly isPlatform?: boolean;
  readonly hasName?: boolean;
  readonly nestsOutputs?: boolean;
  readonly hasMethod?: boolean;
  readonly hasStructured?: boolean;
  readonly hasBaseNames?: boolean;
  readonly isWrapped?: boolean;
}

export const jsonForms: readonly JsonForm[] = [
  { since: '2.3', isPlatform: true },
  { since: '2.4' },
  { since: '2.15', hasName: true },
  { since: '2.18', hasName: true, nestsOutputs: true },
  { since: '2.23', hasName: true, nestsOutputs: true, hasMethod: true },
  { since: '2.30', hasName: true, nestsOutputs: true, hasMethod: true, hasStructured: true },
  {
    since: '2.32',
    hasName: true,
    nestsOutputs: true,
    hasMethod: true,
    hasStructured: true,
    hasBaseNames: true,
  },
  {
    since: '2.33',
    hasName: true,
    nestsOutputs: true,
    hasMethod: true,
    hasStructured: true,
    hasBaseNames: true,
    isWrapped: true,
  },
];

/** What `derivation show` of that version prints for it. */
export function jsonOf(given: GivenDerivation, form: JsonForm): unknown {
  const short = (path: string): string => (form.hasBaseNames ? path.slice(storeDir.length + 1) : path);
  const outputs = Object.fromEntries(
    given.outputs.map((output) => [output.name, outputOf(output, form, short)]),
  );
  const drvs = Object.fromEntries(
    given.inputs.map(({ path, outputs: used }) => [
      short(path),
      form.nestsOutputs ? { outputs: used, dynamicOutputs: {} } : used,
    ]),
  );
  const { builder, args, system, structured } = given;
  const derivation = {
    ...(form.hasName && { name: 'x' }),
    outputs,
    ...(form.isWrapped ? { inputs: { srcs: [], drvs }, version: 4 } : { inputSrcs: [], inputDrvs: drvs }),
    ...(form.isPlatform ? { platform: system } : { system }),
    builder,
    args,
    env: Object.fromEntries(variablesOf(given, !form.hasStructured)),
    ...(form.hasStructured && structured && { structuredAttrs: structured }),
  };
  const all = { [short(drvPath)]: derivation };
  return form.isWrapped ? { version: 4, derivations: all } : all;
}

function outputOf(output: Output, form: JsonForm, short: (path: string) => string): unknown {
  const path = pathOf(output);
  const method = form.hasMethod && { method: 'nar' };
  const algorithm = form.hasMethod ? 'sha256' : 'r:sha256';
  switch (output.kind) {
    case 'usual':
      return { path: short(path) };
    case 'fixed':
      return form.hasBaseNames
        ? { ...method, hash: 'sha256-AA==' }
        : { path, ...method, hashAlgo: algorithm, hash: '00' };
    case 'floating':
      return { ...method, hashAlgo: algorithm };
    case 'impure':
      return { ...method, hashAlgo: algorithm, impure: true };
    case 'deferred':
      return {};
  }
}
