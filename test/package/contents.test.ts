import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { test } from 'node:test';
import * as z from 'zod';

import { licenceOf } from '../../scripts/support/licences.mjs';
import { linksOf } from '../support/markdown.ts';
import { readTar, readZip, type Packed } from './archives.ts';

const repository = join(import.meta.dirname, '../..');
const read = (name: string): Buffer => readFileSync(join(repository, name));
const manifest = z.record(z.string(), z.unknown());

function listed(files: readonly Packed[]): string[] {
  return files.map(({ name, mode }) => `${mode.toString(8)} ${name}`).sort();
}

function textOf(files: readonly Packed[], name: string): string {
  return files.find((file) => file.name === name)?.content.toString('utf8') ?? assert.fail(`no ${name}`);
}

test('the extension holds these files, and no other', () => {
  const files = readZip(read('nix-platform-lens.vsix'));
  assert.deepEqual(listed(files), [
    '644 extension/LICENSE.txt',
    '644 extension/dist/THIRD-PARTY-NOTICES.txt',
    '644 extension/dist/client.cjs',
    '644 extension/dist/server.cjs',
    '644 extension/dist/tree-sitter-bash.wasm',
    '644 extension/dist/tree-sitter-nix.wasm',
    '644 extension/dist/web-tree-sitter.wasm',
    '644 extension/docs/README.md',
    '644 extension/docs/command-line.md',
    '644 extension/docs/commands.md',
    '644 extension/docs/editor.md',
    '644 extension/docs/limits.md',
    '644 extension/docs/recipes.md',
    '644 extension/docs/repairs.md',
    '644 extension/docs/rules.md',
    '644 extension/docs/security.md',
    '644 extension/docs/settings.md',
    '644 extension/media/activity-bar.svg',
    '644 extension/media/closure.png',
    '644 extension/media/editor.png',
    '644 extension/media/evaluations.png',
    '644 extension/media/icon.png',
    '644 extension/media/icon.svg',
    '644 extension/media/quick-fix.png',
    '644 extension/media/walkthrough/closure.svg',
    '644 extension/media/walkthrough/evaluate-as.svg',
    '644 extension/media/walkthrough/target.svg',
    '644 extension/media/walkthrough/trust.svg',
    '644 extension/package.json',
    '644 extension/syntaxes/language-configuration.json',
    '644 extension/syntaxes/nix.tmLanguage.json',
    '644 extension/syntaxes/target-file.schema.json',
    '664 [Content_Types].xml',
    '664 extension.vsixmanifest',
    '664 extension/changelog.md',
    '664 extension/readme.md',
    '755 extension/dist/cli.js',
  ]);
  const packed = manifest.parse(JSON.parse(textOf(files, 'extension/package.json')));
  assert.equal(packed['scripts'], undefined, 'nothing of it is run where it is installed');
  assert.equal(packed['devDependencies'], undefined);
  assert.equal(textOf(files, 'extension/dist/cli.js'), read('dist/cli.js').toString('utf8'));
});

test('the npm package holds the command, what it reads, and no other', () => {
  const files = readTar(read('nix-platform-lens.tgz'));
  assert.deepEqual(listed(files), [
    '644 package/CHANGELOG.md',
    '644 package/LICENSE',
    '644 package/README.md',
    '644 package/dist/THIRD-PARTY-NOTICES.txt',
    '644 package/dist/tree-sitter-bash.wasm',
    '644 package/dist/tree-sitter-nix.wasm',
    '644 package/dist/web-tree-sitter.wasm',
    '644 package/docs/README.md',
    '644 package/docs/command-line.md',
    '644 package/docs/commands.md',
    '644 package/docs/editor.md',
    '644 package/docs/limits.md',
    '644 package/docs/recipes.md',
    '644 package/docs/repairs.md',
    '644 package/docs/rules.md',
    '644 package/docs/security.md',
    '644 package/docs/settings.md',
    '644 package/package.json',
    '644 package/schemas/report.schema.json',
    '644 package/schemas/rules.schema.json',
    '644 package/schemas/verification.schema.json',
    '644 package/schemas/why.schema.json',
    '755 package/dist/cli.js',
  ]);
  const packed = manifest.parse(JSON.parse(textOf(files, 'package/package.json')));
  assert.deepEqual(Object.keys(packed).sort(), [
    'bin',
    'description',
    'engines',
    'keywords',
    'license',
    'name',
    'type',
    'version',
  ]);
  assert.equal(textOf(files, 'package/dist/cli.js'), read('dist/cli.js').toString('utf8'));
});

for (const [name, files, folder] of [
  ['extension', () => readZip(read('nix-platform-lens.vsix')), 'extension'],
  ['npm package', () => readTar(read('nix-platform-lens.tgz')), 'package'],
] as const) {
  test(`every link of a page of the ${name} leads to a file of it, or to the web`, () => {
    const packed = files();
    const names = new Set(packed.map((file) => file.name));
    const pages = packed.filter((file) => file.name.endsWith('.md'));
    assert.ok(pages.length > 9);
    for (const page of pages) {
      const links = linksOf(page.content.toString('utf8')).filter((link) => !/^(?:https:|#)/.test(link));
      for (const link of links) {
        const wanted = posix.join(posix.dirname(page.name), link.split('#')[0] ?? '');
        assert.ok(names.has(wanted), `${page.name}: ${link}`);
      }
    }
    const [readme] = pages.filter((file) => file.name.toLowerCase() === `${folder}/readme.md`);
    assert.ok(readme && linksOf(readme.content.toString('utf8')).includes('docs/rules.md'));
  });
}

test('every package that is bundled is listed with its licence, which allows it', () => {
  const notices = read('dist/THIRD-PARTY-NOTICES.txt').toString('utf8');
  const found = [...notices.matchAll(/^-{80}\n(\S+) \d+\.\d+\.\d+ \((.+)\)\n-{80}\n\n(.*)$/gm)];
  const packages = found.map(([, name, licence]) => `${name ?? ''} ${licence ?? ''}`);
  assert.deepEqual([...new Set(packages)], bundled);
  for (const [, name, , text] of found)
    assert.ok(text !== undefined && text.length >= 5, `${name ?? ''} has no text`);
});

/** To be read by a person whenever it changes: whose code everybody runs who runs ours. */
const bundled: readonly string[] = [
  '@sec-ant/readable-stream MIT',
  '@sindresorhus/merge-streams MIT',
  'balanced-match MIT',
  'brace-expansion MIT',
  'commander MIT',
  'cross-spawn MIT',
  'diff BSD-3-Clause',
  'execa MIT',
  'figures MIT',
  'get-stream MIT',
  'human-signals Apache-2.0',
  'is-plain-obj MIT',
  'is-stream MIT',
  'is-unicode-supported MIT',
  'isexe ISC',
  'jsonc-parser MIT',
  'minimatch BlueOak-1.0.0',
  'npm-run-path MIT',
  'p-limit MIT',
  'parse-ms MIT',
  'path-key MIT',
  'pretty-ms MIT',
  'semver ISC',
  'shebang-command MIT',
  'shebang-regex MIT',
  'signal-exit ISC',
  'strip-final-newline MIT',
  'unicorn-magic MIT',
  'vscode-jsonrpc MIT',
  'vscode-languageclient MIT',
  'vscode-languageserver MIT',
  'vscode-languageserver-protocol MIT',
  'vscode-languageserver-textdocument MIT',
  'vscode-languageserver-types MIT',
  'web-tree-sitter MIT',
  'which ISC',
  'yocto-queue MIT',
  'yoctocolors MIT',
  'zod MIT',
];

test('what may not be bundled ends the build, and says so', () => {
  for (const license of ['GPL-3.0-only', 'SEE LICENSE IN x', undefined, { type: 'MIT' }]) {
    assert.throws(
      () => licenceOf({ name: 'x', version: '1.0.0', license }),
      /^Error: x 1\.0\.0 is bundled, and/,
    );
  }
  assert.equal(licenceOf({ name: 'x', version: '1.0.0', license: 'MIT' }), 'MIT');
});
