/**
 * Installs a real VS Code for the demo and the tests: code-server, which npm
 * has, in a folder of its own (.cache/editor), and what Debian has of its needs.
 * Does nothing where it is there already. `npm run setup:editor`.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

import { installDebian } from './support/debian.mjs';
import { findProgram, run } from './support/process.mjs';

const version = '4.139.1';
const repository = dirname(import.meta.dirname);
const home = join(repository, '.cache', 'editor');
const marker = join(home, 'complete');

/** The folder of the installed code-server. */
export const editorDirectory = join(home, 'node_modules', 'code-server');

/**
 * The Node that code-server runs on, with the headers that its modules are
 * compiled against: the package that npm's `node` brings in for this machine.
 */
const nodePackage = `node-${process.platform}-${process.arch}`;
export const nodeDirectory = join(home, 'node_modules', nodePackage);

/** @returns {string | undefined} */
export function findBrowser() {
  return findProgram('chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome');
}

/**
 * @param {{ browser: boolean }} needs whether a Chromium that a program drives is needed
 * @throws {Error} that says what to type where something is missing that we may not install
 */
export function setupEditor(needs) {
  installDebian(
    new Map([
      // The editor's kerberos module is compiled here.
      ['libkrb5-dev', () => isInstalled() || existsSync('/usr/include/gssapi/gssapi.h')],
      ['g++', () => isInstalled() || findProgram('g++', 'c++') !== undefined],
      ['make', () => isInstalled() || findProgram('make') !== undefined],
      ['python3', () => isInstalled() || findProgram('python3') !== undefined],
      ['chromium-headless-shell', () => !needs.browser || findBrowser() !== undefined],
    ]),
  );
  if (isInstalled()) return;
  console.log(`Installing code-server ${version} (some minutes, 720 MB) …`);
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home, { recursive: true });
  writeFileSync(
    join(home, 'package.json'),
    `${JSON.stringify({ private: true, dependencies: { 'code-server': version, [nodePackage]: nodeVersion() } }, undefined, 2)}\n`,
  );
  const env = {
    ...process.env,
    PATH: [join(nodeDirectory, 'bin'), process.env['PATH'] ?? ''].join(delimiter),
    npm_config_nodedir: nodeDirectory,
  };
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  run('npm', ['install', '--ignore-scripts', ...quiet], { cwd: home, env });
  // What code-server's own postinstall does, without its other platform checks.
  run('npm', ['install', '--omit=dev', ...quiet], { cwd: join(editorDirectory, 'lib', 'vscode'), env });
  writeFileSync(marker, version);
}

/** The same Node as the repository's own. */
function nodeVersion() {
  return JSON.parse(readFileSync(join(repository, 'node_modules', 'node', 'package.json'), 'utf8')).version;
}

function isInstalled() {
  return existsSync(marker) && readFileSync(marker, 'utf8') === version;
}

if (process.argv[1] === import.meta.filename) {
  try {
    setupEditor({ browser: true });
    console.log(`code-server ${version}: ${editorDirectory}`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
