import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { defaultSettings, readSettings } from '../../server/src/snapshot/settings.ts';

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

  test('a workspace sets what is harmless, switches off, adds rules, and nothing more', () => {
    const { settings, problems } = readSettings({
      targets: [{ file: 'own.nix' }],
      rules: { emulation: 'off', 'no-builder': 'off' },
      'evaluation.onOpen': false,
      'nix.directory': '/own',
      fromWorkspace: {
        targets: [{ file: 'theirs.nix', option: { system: 'x86_64-linux' } }],
        evaluateAs: 'x86_64-darwin',
        rules: { 'no-builder': 'error' },
        'evaluation.onOpen': true,
        'evaluation.onSave': false,
        'evaluation.warm': true,
        'nix.directory': '/theirs',
        'evaluation.allowImportFromDerivation': true,
        'evaluation.timeout': 1_000_000,
        'evaluation.memoryLimit': 1_000_000,
        'codeLens.enabled': false,
      },
    });
    assert.deepEqual(
      settings.targets.map(({ file }) => file),
      ['theirs.nix'],
    );
    assert.equal(settings.areTargetsFromWorkspace, true);
    assert.deepEqual(settings.evaluateAs, ['x86_64-darwin']);
    assert.deepEqual(settings.rules, { emulation: 'off', 'no-builder': 'error' });
    const { 'evaluation.timeout': timeout, 'evaluation.memoryLimit': memory } = defaultSettings;
    assert.deepEqual(
      [
        settings['evaluation.onOpen'],
        settings['evaluation.onSave'],
        settings['evaluation.warm'],
        settings['nix.directory'],
        settings['evaluation.allowImportFromDerivation'],
        settings['evaluation.timeout'],
        settings['evaluation.memoryLimit'],
        settings['codeLens.enabled'],
      ],
      [false, false, true, '/own', false, timeout, memory, false],
    );
    assert.deepEqual(problems.map((problem) => /nixPlatformLens\.(\S+) cannot/.exec(problem)?.[1]).sort(), [
      'evaluation.allowImportFromDerivation',
      'evaluation.memoryLimit',
      'evaluation.onOpen',
      'evaluation.timeout',
      'nix.directory',
    ]);
  });

  test('where a workspace’s targets are refused, the person’s stay and stay their own', () => {
    const { settings, problems } = readSettings({
      targets: [{ file: 'own.nix', option: { 'plugin-files': './mine.so' } }],
      fromWorkspace: { targets: [{ file: 'theirs.nix', option: { 'plugin-files': './evil.so' } }] },
    });
    assert.deepEqual(
      settings.targets.map(({ file }) => file),
      ['own.nix'],
    );
    assert.equal(settings.areTargetsFromWorkspace, undefined);
    assert.match(problems.join('\n'), /"plugin-files".* What the workspace sets there is not used\./);
  });

  const bad: [key: string, value: unknown, message: RegExp][] = [
    ['nix.directory', 1, /nixPlatformLens\.nix\.directory is not valid/],
    ['nix.directory', './bin', /nix\.directory is not valid \(give an absolute path\)/],
    ['targets', [{ flake: '-I/evil' }], /does not begin with a dash/],
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
