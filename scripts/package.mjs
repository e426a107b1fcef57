/**
 * `npm run package`: builds, and makes the extension (nix-platform-lens.vsix)
 * and the npm package of the command (nix-platform-lens.tgz). Each is put
 * together in a folder of its own that holds what it is to hold and nothing
 * else; the same source gives the same bytes, wherever and whenever.
 *
 * `-- --repository URL` names the repository in both, as npm wants it for the
 * provenance of what is published.
 */
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
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
import { capture, run } from './support/process.mjs';

await onOwnNode();
const repository = dirname(import.meta.dirname);
process.chdir(repository);
const { values: given } = parseArgs({ options: { repository: { type: 'string' } } });

const extensionFiles = ['CHANGELOG.md', 'LICENSE', 'README.md', 'dist/*', 'media/**/*.*', 'syntaxes/*.json'];
const commandFiles = [
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
  'dist/cli.js',
  'dist/*.wasm',
  'dist/THIRD-PARTY-NOTICES.txt',
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

inFolder(extensionFiles, { ...manifest, ...named }, (folder) => {
  // Without one, `vsce` warns: the folder holds what is to be packaged, and nothing else.
  writeFileSync(join(folder, '.vscodeignore'), '');
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
inFolder(
  commandFiles,
  { name, version, description, license, type, bin, engines, keywords, ...named },
  (folder) => {
    const [packed] = JSON.parse(capture('npm', ['pack', '--json', '--ignore-scripts'], { cwd: folder }));
    renameSync(join(folder, packed.filename), join(repository, 'nix-platform-lens.tgz'));
  },
);

/**
 * Makes a folder of some of the repository's files, each with the same rights wherever it was checked out.
 * @param {readonly string[]} patterns
 * @param {Record<string, unknown>} packageJson
 * @param {(folder: string) => void} use
 */
function inFolder(patterns, packageJson, use) {
  const folder = mkdtempSync(join(tmpdir(), 'npl-package-'));
  try {
    for (const file of fs.globSync(patterns).sort()) {
      const copy = join(folder, file);
      mkdirSync(dirname(copy), { recursive: true });
      copyFileSync(file, copy);
      chmodSync(copy, file === 'dist/cli.js' ? 0o755 : 0o644);
    }
    const own = join(folder, 'package.json');
    writeFileSync(own, `${JSON.stringify(packageJson, undefined, 2)}\n`);
    chmodSync(own, 0o644);
    use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
