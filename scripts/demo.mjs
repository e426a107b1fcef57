/**
 * `npm run demo`: installs what is missing, builds, and opens a real editor on
 * a copy of the example workspace.
 *
 *   npm run demo                       in the browser, or in VS Code where there is one
 *   npm run demo -- --editor code      in VS Code (or codium), without asking
 *   npm run demo -- --editor browser   in the browser, without asking
 *   npm run demo -- --check            prints the command's judgement instead
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';

import { setupEditor } from './setup-editor.mjs';
import { startCodeServer } from './support/codeServer.mjs';
import { onOwnNode } from './support/ownNode.mjs';
import { findProgram, run } from './support/process.mjs';

const repository = dirname(import.meta.dirname);
const vsix = join(repository, 'nix-platform-lens.vsix');
/** What is in sight when the editor is open. */
const shown = { file: 'release.nix', text: 'nix = pkgs.nix;' };

await onOwnNode();
try {
  const { values } = parseArgs({ options: { check: { type: 'boolean' }, editor: { type: 'string' } } });
  run(process.execPath, [join(repository, 'scripts', 'setup-nix.mjs')]);
  if (values.check === true) {
    run('npm', ['run', '--silent', 'build'], { cwd: repository });
    process.exitCode = check();
  } else {
    await openEditor(values.editor ?? (await chooseEditor()));
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** Judges the example as the command does; what it finds there is no failure of the demo. */
function check() {
  const args = ['check', '-f', 'release.nix', '-A', 'build.x86_64-linux', '--as', 'x86_64-darwin'];
  console.log(`\n$ nix-platform-lens ${args.join(' ')}\n`);
  const { status } = spawnSync(process.execPath, [join(repository, 'dist', 'cli.js'), ...args], {
    cwd: join(repository, 'example'),
    stdio: 'inherit',
  });
  console.log(
    `\nExit status ${String(status)} (0: clean, 1: a leak was found, 2: it could not be evaluated)`,
  );
  return status === 0 || status === 1 ? 0 : 1;
}

/** @returns {Promise<string>} `browser`, or a VS Code of the person's that they want to use */
async function chooseEditor() {
  const installed = findProgram('code', 'codium');
  if (installed === undefined || !process.stdin.isTTY) return 'browser';
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(
    `Use your own ${basename(installed)}? It opens with a profile of its own, and yours stays as it is. [Y/n] `,
  );
  terminal.close();
  return /^n/i.test(answer.trim()) ? 'browser' : basename(installed);
}

/** @param {string} editor `browser` or a program */
async function openEditor(editor) {
  if (editor === 'browser') setupEditor({ browser: false });
  else if (findProgram(editor) === undefined) throw new Error(`There is no ${editor} on the PATH.`);
  run('npm', ['run', '--silent', 'package'], { cwd: repository });

  const home = mkdtempSync(join(tmpdir(), 'nix-platform-lens-demo-'));
  try {
    const folder = join(home, 'example');
    cpSync(join(repository, 'example'), folder, { recursive: true });
    const file = join(folder, shown.file);
    const lines = readFileSync(file, 'utf8').split('\n');
    const line = lines.findIndex((text) => text.includes(shown.text)) + 1;
    if (editor === 'browser') await openInBrowser(home, folder, file, line);
    else openInVsCode(editor, home, folder, file, line);
  } finally {
    rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  }
}

/**
 * @param {string} home
 * @param {string} folder
 * @param {string} file
 * @param {number} line
 */
async function openInBrowser(home, folder, file, line) {
  const stopped = new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, resolve);
  });
  // The workspace is our own example, so nobody has to be asked whether to trust it.
  const server = await startCodeServer({ home, vsix, trusted: true });
  const url = server.url(folder, file, line);
  console.log(
    `\nThe editor is open at\n\n    ${url}\n\nYour edits go to a copy of the example. Ctrl-C stops it.\n`,
  );
  openUrl(url);
  await stopped;
  await server.stop();
}

/**
 * Opens the person's browser where there is a screen; otherwise the printed address has to do.
 * @param {string} url
 */
function openUrl(url) {
  const opener = process.platform === 'darwin' ? findProgram('open') : findProgram('xdg-open');
  const hasScreen = process.platform === 'darwin' || process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY'];
  if (opener === undefined || !hasScreen) return;
  spawnSync(opener, [url], { stdio: 'ignore', timeout: 10_000 });
}

/**
 * @param {string} program
 * @param {string} home
 * @param {string} folder
 * @param {string} file
 * @param {number} line
 */
function openInVsCode(program, home, folder, file, line) {
  const own = ['--user-data-dir', join(home, 'user-data'), '--extensions-dir', join(home, 'extensions')];
  run(program, [...own, '--install-extension', vsix]);
  console.log('\nYour edits go to a copy of the example, which is deleted when you close the window.\n');
  run(program, [
    ...own,
    '--disable-workspace-trust',
    '--new-window',
    '--wait',
    folder,
    '--goto',
    `${file}:${line}`,
  ]);
}
