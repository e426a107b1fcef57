import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { editorDirectory, nodeDirectory } from '../setup-editor.mjs';
import { capture, startGroup, stopGroup } from './process.mjs';

/** Settings that keep everything off the screen that is not the extension's. */
const quietSettings = {
  'chat.disableAIFeatures': true,
  'extensions.ignoreRecommendations': true,
  'git.enabled': false,
  'security.workspace.trust.startupPrompt': 'never',
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'window.commandCenter': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
};

/**
 * Starts the real editor (see setup-editor.mjs) with user data and extensions
 * of its own, and waits until it answers.
 *
 * @param {object} options
 * @param {string} options.home an empty folder for user data and extensions
 * @param {string} [options.vsix] an extension to install first
 * @param {boolean} [options.trusted] false (the default): a new folder opens in Restricted Mode
 * @param {Record<string, unknown>} [options.settings] user settings
 * @param {NodeJS.ProcessEnv} [options.env] environment of the editor and of what it starts
 * @returns {Promise<{ url: (folder: string, file?: string, line?: number, column?: number) => string, log: () => string, stop: () => Promise<void> }>}
 *   `url` opens a folder as the workspace, and in it a file (absolute path, lines and columns from one)
 */
export async function startCodeServer(options) {
  const userData = join(options.home, 'user-data');
  const directories = ['--user-data-dir', userData, '--extensions-dir', join(options.home, 'extensions')];
  mkdirSync(join(userData, 'User'), { recursive: true });
  writeFileSync(
    join(userData, 'User', 'settings.json'),
    JSON.stringify({ ...quietSettings, ...options.settings }, undefined, 2),
  );
  const node = join(nodeDirectory, 'bin', 'node');
  const entry = join(editorDirectory, 'out', 'node', 'entry.js');
  const env = { ...process.env, ...options.env };
  if (options.vsix !== undefined) {
    capture(node, [entry, ...directories, '--install-extension', options.vsix], { env });
  }
  const port = await freePort();
  const address = `127.0.0.1:${String(port)}`;
  const server = startGroup(
    node,
    [
      entry,
      ...['--auth', 'none', '--bind-addr', address],
      ...['--disable-telemetry', '--disable-update-check', '--disable-getting-started-override'],
      ...(options.trusted === true ? ['--disable-workspace-trust'] : []),
      ...directories,
    ],
    { env },
  );
  /** @type {string[]} */
  const log = [];
  await new Promise((resolve, reject) => {
    const words = () => log.join('\n');
    for (const stream of [server.stdout, server.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        log.push(line);
        if (line.includes('HTTP server listening')) resolve(undefined);
      });
    }
    server.once('error', reject);
    server.once('exit', () => reject(new Error(`The editor ended while it started:\n${words()}`)));
  });
  return {
    url: (folder, file, line = 1, column = 1) => {
      const query = new URLSearchParams({ folder });
      if (file !== undefined) {
        const resource = `vscode-remote://${address}${file}:${String(line)}:${String(column)}`;
        query.set(
          'payload',
          JSON.stringify([
            ['gotoLineMode', 'true'],
            ['openFile', resource],
          ]),
        );
      }
      return `http://${address}/?${query.toString()}`;
    },
    log: () => log.join('\n'),
    stop: () => stopGroup(server),
  };
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        if (address !== null && typeof address === 'object') resolve(address.port);
        else reject(new Error('This machine has no free port.'));
      });
    });
  });
}
