/**
 * `npm run package`: builds, and makes the extension (nix-platform-lens.vsix)
 * and the npm package of the command (nix-platform-lens.tgz). Each is put
 * together in a folder of its own; the same source gives the same bytes,
 * wherever and whenever. `.vscodeignore` says what the extension holds, and
 * `commandFiles` below what the command holds.
 *
 * `-- --repository URL` names the repository in both, as npm wants it for the
 * provenance of what is published.
 */
import {
  chmodSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
// Not by name: an older Node, which starts this, lacks `globSync`.
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

import { onOwnNode } from './support/ownNode.mjs';
import { packedPage } from './support/packedPage.mjs';
import { capture, run } from './support/process.mjs';

await onOwnNode();
// Not before: an older Node may not read it.
const { listFiles, PackageManager } = await import('@vscode/vsce');
const repository = dirname(import.meta.dirname);
process.chdir(repository);
const { values: given } = parseArgs({ options: { repository: { type: 'string' } } });

/** Too large to be copied only to be ignored. */
const never = new Set(['node_modules', 'test', 'test-results', '.cache', '.git']);
/** What `vsce` calls some files. */
const renamed = { 'README.md': 'readme.md', 'CHANGELOG.md': 'changelog.md', LICENSE: 'LICENSE.txt' };
const commandFiles = [
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
  'dist/cli.js',
  'dist/*.wasm',
  'dist/THIRD-PARTY-NOTICES.txt',
  'docs/*.md',
  'schemas/*.json',
];

/** The first moment that a ZIP file can name. */
const epoch = Date.UTC(1980, 0, 1) / 1000;
const sameEverywhere = { SOURCE_DATE_EPOCH: String(epoch), TZ: 'UTC', LC_ALL: 'C.UTF-8' };

run('npm', ['run', '--silent', 'build']);
const { scripts, devDependencies, allowScripts, ...manifest } = JSON.parse(
  readFileSync('package.json', 'utf8'),
);
const named = given.repository === undefined ? {} : { repository: { type: 'git', url: given.repository } };

const everything = readdirSync('.').filter(
  (name) => !never.has(name) && !/\.(?:vsix|tgz|heapsnapshot)$/.test(name),
);
await inFolder(everything, { ...manifest, ...named }, async (folder) => {
  writePages(folder, await listFiles({ cwd: folder, packageManager: PackageManager.None }), renamed);
  const file = join(repository, 'nix-platform-lens.vsix');
  const options = [
    '--no-dependencies',
    '--allow-missing-repository',
    '--no-rewrite-relative-links',
    '--out',
    file,
  ];
  run(join(repository, 'node_modules/.bin/vsce'), ['package', ...options], {
    cwd: folder,
    env: { ...process.env, ...sameEverywhere },
  });
});

const { name, version, description, license, type, bin, keywords } = manifest;
const engines = { node: manifest.engines.node };
const files = fs.globSync(commandFiles).sort();
await inFolder(
  files,
  { name, version, description, license, type, bin, engines, keywords, ...named },
  (folder) => {
    writePages(folder, files);
    const [packed] = JSON.parse(capture('npm', ['pack', '--json', '--ignore-scripts'], { cwd: folder }));
    renameSync(join(folder, packed.filename), join(repository, 'nix-platform-lens.tgz'));
  },
);

/**
 * Makes a folder of some of the repository's files, each with the same rights wherever it was checked out.
 * @param {readonly string[]} names
 * @param {Record<string, unknown>} packageJson
 * @param {(folder: string) => void | Promise<void>} use
 */
async function inFolder(names, packageJson, use) {
  const folder = mkdtempSync(join(tmpdir(), 'npl-package-'));
  try {
    for (const name of names) cpSync(name, join(folder, name), { recursive: true });
    writeFileSync(join(folder, 'package.json'), `${JSON.stringify(packageJson, undefined, 2)}\n`);
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      const file = join(entry.parentPath, entry.name);
      if (entry.isFile()) chmodSync(file, file === join(folder, 'dist/cli.js') ? 0o755 : 0o644);
    }
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Makes the links of a package's pages lead somewhere.
 * @param {string} folder
 * @param {readonly string[]} packed the package's files
 * @param {Readonly<Record<string, string>>} names how some of them are called in the package
 */
function writePages(folder, packed, names = {}) {
  const where = {
    packed: new Map(packed.map((file) => [file, names[file] ?? file])),
    repository: given.repository,
  };
  for (const page of packed.filter((file) => file.endsWith('.md'))) {
    const path = join(folder, page);
    writeFileSync(path, packedPage(page, readFileSync(path, 'utf8'), where));
  }
}
