import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import {
  allowedOptionsSchema,
  longestValue,
  refusedOption,
} from '../../server/src/permissions/workspaceOptions.ts';

describe('options of Nix that a repository’s files may set', () => {
  for (const [name, value] of [
    ['system', 'aarch64-darwin'],
    ['system', 'x86_64-v3-linux'],
    ['pure-eval', 'true'],
    ['restrict-eval', 'true'],
    ['allowed-uris', 'https://example.org/ github: git+https://git.example.org/a'],
    ['experimental-features', 'nix-command flakes'],
    ['extra-experimental-features', 'pipe-operators'],
    ['max-call-depth', '20000'],
    ['warn-dirty', 'false'],
    ['trace-verbose', 'true'],
  ] as const) {
    test(`${name} = ${value}`, () => assert.equal(refusedOption(name, value), undefined));
  }
});

describe('options of Nix that only a person may set', () => {
  for (const name of [
    // They run a program.
    ...['allow-unsafe-native-code-during-evaluation', 'plugin-files', 'build-hook', 'post-build-hook'],
    ...['diff-hook', 'pre-build-hook', 'builders', 'ssl-cert-file', 'netrc-file', 'access-tokens'],
    // They build, or fetch from elsewhere.
    ...['allow-import-from-derivation', 'substituters', 'trusted-public-keys', 'require-sigs', 'sandbox'],
    ...['sandbox-paths', 'store', 'impure-env', 'accept-flake-config', 'flake-registry', 'nix-path'],
    // Other spellings of all that.
    ...[
      'extra-plugin-files',
      'extra-system',
      'Allow-Import-From-Derivation',
      ' plugin-files',
      'plugin-files ',
    ],
    ...['plugin_files', 'System', 'system ', '--option', 'pure-eval\nplugin-files', ''],
    // What JavaScript knows of every object.
    ...['__proto__', 'constructor', 'toString', 'hasOwnProperty'],
    // Nobody knows it yet.
    'an-option-of-tomorrow',
  ]) {
    test(JSON.stringify(name), () => {
      assert.match(refusedOption(name, 'true') ?? '', /--option on the command line, or in .* user settings/);
    });
  }

  for (const [name, value] of [
    // What protects the person is not switched off.
    ['pure-eval', 'false'],
    ['restrict-eval', 'false'],
    ['pure-eval', 'no'],
    // Paths, which `restrict-eval` keeps shut.
    ['allowed-uris', '/etc'],
    ['allowed-uris', 'https://example.org file:///'],
    ['allowed-uris', 'h'],
    ['allowed-uris', 'https://'],
    ['allowed-uris', ''],
    // Features that run or build something.
    ['experimental-features', 'nix-command impure-derivations'],
    ['extra-experimental-features', 'recursive-nix'],
    ['experimental-features', 'configurable-impure-env'],
    ['experimental-features', 'auto-allocate-uids'],
    ['experimental-features', 'lix-custom-sub-commands'],
    // A second line of nix.conf.
    ['system', 'x86_64-linux\nplugin-files = ./evil.so'],
    ['max-call-depth', '10\n'],
    ['max-call-depth', '-1'],
    ['max-call-depth', '99999999'],
    ['experimental-features', 'flakes\nplugin-files'],
    ['trace-verbose', 'TRUE'],
  ] as const) {
    test(`${name} = ${JSON.stringify(value)}`, () =>
      assert.match(refusedOption(name, value) ?? '', /only to /));
  }
});

describe('values of any length', () => {
  // Editors judge the target file by the pattern too, whatever the length: it has to be linear.
  test('a pattern looks at each character of a very long address a few times only', () => {
    const pattern = new RegExp(allowedOptionsSchema.properties['allowed-uris']?.pattern ?? '');
    const address = `https://${'a'.repeat(4_000_000)}`;
    assert.ok(pattern.test(address));
    assert.ok(!pattern.test(`${address}\n`));
    assert.ok(!pattern.test(`${address} ${address}\n`));
  });

  test('a value that is too long is refused, and why is said', () => {
    const value = (length: number): string => 'github:'.padEnd(length, 'a');
    assert.equal(refusedOption('allowed-uris', value(longestValue)), undefined);
    assert.match(
      refusedOption('allowed-uris', value(longestValue + 1)) ?? '',
      /only to at most 4000 characters; set it yourself with --option/,
    );
  });
});
