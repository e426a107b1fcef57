/**
 * Bundles client, server and command into dist/, with the parser beside them
 * and the notices of everything bundled. `npm run build`.
 *
 * `-- --source-maps` makes bundles for a debugger: readable, and with the way
 * back to the sources.
 */
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

import { build } from 'esbuild';

import { notices } from './support/licences.mjs';

const repository = dirname(import.meta.dirname);
const product = join(repository, 'dist');

const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));

const { values: given } = parseArgs({ options: { 'source-maps': { type: 'boolean', default: false } } });

/** @type {import('esbuild').BuildOptions} */
const common = {
  absWorkingDir: repository,
  bundle: true,
  platform: 'node',
  target: 'node20',
  minify: !given['source-maps'],
  sourcemap: given['source-maps'],
  // Names of errors and functions stay readable in the output channel.
  keepNames: true,
  legalComments: 'none',
  metafile: true,
  define: { NIX_PLATFORM_LENS_VERSION: JSON.stringify(version) },
  // What it offers to `require` cannot be bundled.
  alias: { 'jsonc-parser': './node_modules/jsonc-parser/lib/esm/main.js' },
  logLevel: 'warning',
};

/** @type {import('esbuild').BuildOptions} */
const commonJs = {
  ...common,
  format: 'cjs',
  // The one file-relative trick: all entries find their own folder by `import.meta.dirname`.
  define: { ...common.define, 'import.meta.dirname': '__dirname' },
  alias: { ...common.alias, 'web-tree-sitter': './node_modules/web-tree-sitter/web-tree-sitter.cjs' },
};

/** @type {import('esbuild').BuildOptions[]} */
const bundles = [
  { ...commonJs, entryPoints: ['client/src/extension.ts'], outfile: 'dist/client.cjs', external: ['vscode'] },
  { ...commonJs, entryPoints: ['server/src/main.ts'], outfile: 'dist/server.cjs' },
  {
    ...common,
    format: 'esm',
    entryPoints: ['server/src/cli.ts'],
    outfile: 'dist/cli.js',
    banner: {
      // Some libraries are CommonJS inside and ask for Node's own modules by `require`.
      js: "#!/usr/bin/env node\nimport { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
    },
  },
];

mkdirSync(product, { recursive: true });
for (const file of readdirSync(product)) rmSync(join(product, file), { recursive: true });

const results = await Promise.all(bundles.map((options) => build(options)));
chmodSync(join(product, 'cli.js'), 0o755);
for (const file of [
  'node_modules/web-tree-sitter/web-tree-sitter.wasm',
  'node_modules/tree-sitter-bash/tree-sitter-bash.wasm',
  'syntaxes/tree-sitter-nix.wasm',
]) {
  copyFileSync(join(repository, file), join(product, basename(file)));
}
const inputs = results.flatMap((result) => Object.keys(result.metafile?.inputs ?? {}));
writeFileSync(join(product, 'THIRD-PARTY-NOTICES.txt'), notices(repository, inputs));

for (const file of readdirSync(product).sort()) {
  const kilobytes = Math.round(statSync(join(product, file)).size / 1024);
  console.log(`dist/${file.padEnd(24)} ${String(kilobytes).padStart(5)} KB`);
}
