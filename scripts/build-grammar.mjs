/**
 * Compiles syntaxes/tree-sitter/grammar.js to syntaxes/tree-sitter-nix.wasm,
 * which is committed so that a build needs no compiler. `npm run grammar`.
 */
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { findLoader, installDebian, unpackDebian } from './support/debian.mjs';
import { findProgram, run } from './support/process.mjs';

const repository = dirname(import.meta.dirname);
const source = join(repository, 'syntaxes', 'tree-sitter');
const product = join(repository, 'syntaxes', 'tree-sitter-nix.wasm');
const workshop = join(repository, '.cache', 'grammar');

const findCompiler = () => findProgram('clang', 'clang-19', 'clang-16', 'clang-14');
const findLinker = () => findProgram('wasm-ld', 'wasm-ld-19', 'wasm-ld-16', 'wasm-ld-14');

installDebian(
  new Map([
    ['clang', () => findCompiler() !== undefined],
    ['lld', () => findLinker() !== undefined],
    ['wasi-libc', () => existsSync('/usr/include/wasm32-wasi')],
  ]),
);

rmSync(workshop, { recursive: true, force: true });
mkdirSync(workshop, { recursive: true });
for (const file of ['package.json', 'tree-sitter.json', 'grammar.js'])
  copyFileSync(join(source, file), join(workshop, file));
// Without its scripts: they would compile a binding that nobody needs.
run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: workshop });

const [treeSitter = '', ...loaderArguments] = findTreeSitter();
run(treeSitter, [...loaderArguments, 'generate'], { cwd: workshop });

const upstream = join(workshop, 'node_modules', 'tree-sitter-nix', 'src');
copyFileSync(join(source, 'scanner.c'), join(workshop, 'src', 'scanner.c'));
cpSync(join(upstream, 'tree_sitter'), join(workshop, 'src', 'tree_sitter'), {
  recursive: true,
  force: false,
});
run(
  findCompiler() ?? 'clang',
  [
    // Position-independent code on every clang since 14; for wasi, only since 19.
    '--target=wasm32-unknown-emscripten',
    `-fuse-ld=${findLinker() ?? 'wasm-ld'}`,
    '-o',
    product,
    ...['-fPIC', '-Os', '-nostdlib', '-fno-exceptions', '-fvisibility=hidden'],
    ...[
      '-shared',
      '--experimental-pic',
      '--export=tree_sitter_nix',
      '--allow-undefined',
      '--no-entry',
      '--strip-all',
    ].map((flag) => `-Wl,${flag}`),
    ...['-isystem', '/usr/include/wasm32-wasi', '-I', 'src', 'src/parser.c', 'src/scanner.c'],
  ],
  { cwd: workshop },
);
chmodSync(product, 0o644);
console.log(`${product}: ${String(Math.round(statSync(product).size / 1024))} KB`);

/** The tree-sitter CLI: the one on the PATH, else Debian's. npm's downloads its program from elsewhere. */
function findTreeSitter() {
  const installed = findProgram('tree-sitter');
  if (installed !== undefined) return [installed];
  const root = unpackDebian('sid', ['tree-sitter-cli'], join(repository, '.cache', 'debian', 'tree-sitter'));
  const { libraries, loader } = findLoader(root);
  return [join(root, loader), '--library-path', join(root, libraries), join(root, 'usr/bin/tree-sitter')];
}
