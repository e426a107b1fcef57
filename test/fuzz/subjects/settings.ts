import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as z from 'zod';

import { formatAttributePath } from '../../../server/src/targets/search/found.ts';
import { parseTargetFile, targetFileSchema } from '../../../server/src/targets/targetFile.ts';
import { splitAttributePath } from '../../../server/src/model/attributePath.ts';
import { ruleIds, ruleLevels } from '../../../server/src/model/judgement.ts';
import { baselineText, parseBaseline } from '../../../server/src/output/baseline.ts';
import { readSettings, settingsSchema } from '../../../server/src/snapshot/settings.ts';
import { subject } from '../support/subject.ts';
import { anyText, assertInside, changed, changeForm, changes, jsonWith } from '../support/texts.ts';

const keys = Object.keys(settingsSchema.shape);
const settingWords = [
  ...keys,
  ...keys.flatMap((key) => key.split('.')),
  ...ruleIds,
  ...ruleLevels,
  'file',
  'flake',
  'attribute',
  'x_y',
  'x86_64-linux',
  'all',
  'off',
  '__proto__',
  'constructor',
];

/** Settings of any form are read to valid ones: what is wrong is told and is its default, and reading twice changes nothing. */
export const settings = subject({
  name: 'settings',
  share: 60,
  cases: fc.record({ json: jsonWith(settingWords) }),
  form: z.object({ json: z.unknown() }),
  check({ json }) {
    const { settings: read, problems } = readSettings(json);
    assert.deepEqual(settingsSchema.parse(read), read);
    for (const problem of problems)
      assert.match(
        problem,
        /^The setting nixPlatformLens\.[\w.]+ is not valid \(.*\)\. Its default is used instead\.$/s,
      );
    assert.deepEqual(readSettings(read), { settings: read, problems: [] });
    assert.deepEqual(readSettings(nested(read)), { settings: read, problems: [] });
  },
});

/** `{ 'a.b': 1 }` ⇒ `{ a: { b: 1 } }`, as some editors send settings. */
function nested(flat: Readonly<Record<string, unknown>>): unknown {
  const whole: Record<string, unknown> = {};
  const groups = new Map<string, Record<string, unknown>>();
  for (const [key, value] of Object.entries(flat)) {
    const [first = '', second] = key.split('.');
    if (second === undefined) whole[first] = value;
    else {
      const group = groups.get(first) ?? {};
      group[second] = value;
      groups.set(first, group);
      whole[first] = group;
    }
  }
  return whole;
}

const targetKeys = [
  'targets',
  'evaluateAs',
  'rules',
  'file',
  'flake',
  'expression',
  'attribute',
  'arg',
  'argstr',
  'include',
  'option',
  'nixos',
  'machine',
  'nixpkgs',
  'expect',
  '$schema',
];
const target = fc.record(
  {
    file: fc.constantFrom('release.nix', './a b.nix', '<nixpkgs>'),
    attribute: anyText,
    arg: fc.dictionary(anyText, anyText, { maxKeys: 2, noNullPrototype: true }),
    include: fc.array(anyText, { maxLength: 2 }),
    evaluateAs: fc.array(fc.constantFrom('x86_64-linux', 'aarch64-darwin'), { minLength: 1, maxLength: 2 }),
    expect: fc.constantFrom('x86_64-linux', 'nonsense', ''),
  },
  { requiredKeys: [] },
);
const targetFile = fc.record(
  {
    targets: fc.array(target, { maxLength: 3 }),
    evaluateAs: fc.array(fc.constantFrom('x86_64-linux', 'aarch64-darwin'), { maxLength: 2 }),
    rules: fc.dictionary(
      fc.oneof(fc.constantFrom(...ruleIds), anyText),
      fc.constantFrom(...ruleLevels, 'loud'),
      { maxKeys: 3, noNullPrototype: true },
    ),
  },
  { requiredKeys: [] },
);

/** A target file is read, or its problems are told inside of it; comments change nothing; what is damaged offers no targets. */
export const targetFiles = subject({
  name: 'target-file',
  share: 60,
  cases: fc.record({
    json: fc.oneof(targetFile, jsonWith(targetKeys)),
    changes: changes(['//', '/*', '*/', ',', '{', '}', '[', ']', '"', ':']),
  }),
  form: z.object({ json: z.unknown(), changes: z.array(changeForm) }),
  check({ json, changes: given }) {
    const text = JSON.stringify(json, undefined, 2);
    const read = parseTargetFile('/w/x.json', text);
    const expected = targetFileSchema.safeParse(JSON.parse(text));
    assert.equal(read.problems.length === 0, expected.success, text);
    if (expected.success) {
      assert.deepEqual(
        read.targets.map(({ setting }) => setting),
        expected.data.targets ?? [],
      );
      assert.deepEqual(read.rules, expected.data.rules ?? {});
    }
    const withComments = `/* a */ ${text} // b\n`;
    const settingsOf = (file: typeof read): unknown => [
      file.targets.map(({ setting, evaluateAs }) => [setting, evaluateAs]),
      file.rules,
      file.problems.map(({ message }) => message),
    ];
    assert.deepEqual(settingsOf(parseTargetFile('/w/x.json', withComments)), settingsOf(read));
    for (const one of [text, changed(text, given)]) {
      const { targets, problems } = parseTargetFile('/w/x.json', one);
      for (const { source } of [...targets, ...problems]) assertInside(source.range, one);
      if (problems.length > 0) assert.deepEqual(targets, []);
    }
  },
});

const hexadecimal = '0123456789abcdef'.match(/./g) ?? [];
const digits = fc
  .array(fc.constantFrom(...hexadecimal), { minLength: 20, maxLength: 20 })
  .map((all) => all.join(''));
const fingerprint = fc.record({
  hash: digits,
  rule: fc.constantFrom(...ruleIds),
  file: anyText,
  within: anyText,
  text: anyText,
  input: anyText,
});

/** A baseline comes back as it was written, in any order the same text; anything else is refused with one line. */
export const baselines = subject({
  name: 'baseline',
  share: 50,
  cases: fc.record({
    entries: fc.array(fingerprint, { maxLength: 4 }),
    changes: changes(['"', '{', '}', ',', '1', 'null']),
  }),
  form: z.object({
    entries: z.array(
      z.object({
        hash: z.string(),
        rule: z.enum(ruleIds),
        file: z.string(),
        within: z.string(),
        text: z.string(),
        input: z.string(),
      }),
    ),
    changes: z.array(changeForm),
  }),
  check({ entries, changes: given }) {
    const text = baselineText(entries);
    assert.equal(
      baselineText(
        entries
          .toReversed()
          .filter(({ hash }) => entries.filter((other) => other.hash === hash).length === 1),
      ),
      baselineText(entries.filter(({ hash }) => entries.filter((other) => other.hash === hash).length === 1)),
    );
    const read = parseBaseline(text);
    assert.deepEqual(read, new Map(entries.map((entry) => [entry.hash, entry])));
    assert.equal(baselineText(read.values()), text);
    try {
      for (const [hash, entry] of parseBaseline(changed(text, given))) {
        assert.match(hash, /^[0-9a-f]{20}$/);
        assert.equal(entry.hash, hash);
      }
    } catch (error) {
      if (
        !(error instanceof Error) ||
        error instanceof RangeError ||
        error instanceof TypeError ||
        error instanceof assert.AssertionError
      )
        throw error;
    }
  },
});

/** Names of attributes become a path and the same names again; only a quote in a name cannot be written. */
export const attributePaths = subject({
  name: 'attribute-path',
  share: 40,
  cases: fc.record({
    names: fc.array(fc.oneof(anyText, fc.constantFrom('a', 'x86_64-linux', 'a.b', "a'", '1', 'ü', ' ')), {
      maxLength: 4,
    }),
    text: anyText,
  }),
  form: z.object({ names: z.array(z.string()), text: z.string() }),
  check({ names, text }) {
    const writable = names.map((name) => name.replaceAll('"', ''));
    // What ends with an empty name is the path without it: Nix reads it so as well.
    while (writable.at(-1) === '') writable.pop();
    assert.deepEqual(splitAttributePath(formatAttributePath(writable)), writable);
    const split = splitAttributePath(text);
    assert.ok(split.join('').length <= text.length);
  },
});
