import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { defaultSettings, readSettings } from '../../server/src/session/settings.ts';

describe('settings', () => {
  for (const [name, raw] of [
    ['nothing', undefined],
    ['null, as some editors answer', null],
    ['an empty object', {}],
    ['a word', 'on'],
  ] as const) {
    test(`${name} gives the defaults without a complaint`, () => {
      assert.deepEqual(readSettings(raw), { settings: defaultSettings, problems: [] });
    });
  }

  test('nested objects and flat keys are the same', () => {
    const nested = readSettings({ evaluation: { onSave: false }, inlayHints: { enabled: 'foreign' } });
    const flat = readSettings({ 'evaluation.onSave': false, 'inlayHints.enabled': 'foreign' });
    assert.deepEqual(nested, flat);
    assert.equal(flat.settings['evaluation.onSave'], false);
    assert.equal(flat.settings['inlayHints.enabled'], 'foreign');
  });

  test('an empty system is none', () => {
    const { settings, problems } = readSettings({ evaluateAs: '' });
    assert.deepEqual(problems, []);
    assert.deepEqual(settings.evaluateAs, []);
  });

  test('a system may have more than two parts', () => {
    const { settings, problems } = readSettings({ evaluateAs: 'x86_64-v3-linux' });
    assert.deepEqual(problems, []);
    assert.deepEqual(settings.evaluateAs, ['x86_64-v3-linux']);
  });

  test('rules have levels', () => {
    const { settings, problems } = readSettings({ rules: { 'build-script': 'error', emulation: 'off' } });
    assert.deepEqual(problems, []);
    assert.deepEqual(settings.rules, { 'build-script': 'error', emulation: 'off' });
  });

  const bad: [key: string, value: unknown, message: RegExp][] = [
    ['nix.directory', 1, /nixPlatformLens\.nix\.directory is not valid/],
    ['targets', 'release.nix', /nixPlatformLens\.targets is not valid/],
    [
      'targets',
      [{ attribute: 'a' }],
      /targets is not valid \(0: a target has exactly one of .*; this one has none\)/,
    ],
    ['targets', [{ file: 'a.nix', flake: '.' }], /this one has file and flake/],
    ['targets', [{ file: 'a.nix', atribute: 'x' }], /atribute/],
    ['evaluateAs', 'darwin', /not a system such as/],
    ['evaluation.onOpen', 'yes', /evaluation\.onOpen/],
    ['evaluation.timeout', 0, /evaluation\.timeout/],
    ['evaluation.memoryLimit', 1, /evaluation\.memoryLimit/],
    ['inlayHints.enabled', true, /inlayHints\.enabled/],
    ['rules', 'off', /nixPlatformLens\.rules is not valid/],
    ['rules', { 'build-script': 'loud' }, /rules is not valid \(build-script: .*"error"/],
    ['rules', { 'build-scrip': 'off' }, /build-scrip: there is no such rule; the rules are build-platform/],
    ['codeLens.enabled', 'off', /codeLens\.enabled/],
  ];
  for (const [key, value, message] of bad) {
    test(`${key} = ${JSON.stringify(value)} is told, and becomes its default alone`, () => {
      const { settings, problems } = readSettings({ [key]: value, 'evaluation.onSave': false });
      assert.equal(problems.length, 1);
      assert.match(problems[0] ?? '', message);
      assert.match(problems[0] ?? '', /Its default is used instead/);
      assert.deepEqual(settings, { ...defaultSettings, 'evaluation.onSave': false });
    });
  }
});
