import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

import { run } from './process.mjs';

const repository = dirname(dirname(import.meta.dirname));
const programs = join(repository, 'node_modules', '.bin');

/**
 * Lets the rest of a script run on the repository's own Node, with its programs
 * first on the PATH, whatever Node started it; on a fresh clone it installs the
 * packages first. Returns in that Node only: one that was started first waits
 * for it and ends as it ends.
 */
export async function onOwnNode() {
  const node = join(programs, 'node');
  if (!existsSync(node)) {
    console.log('Installing the packages …');
    run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: repository });
  }
  process.env['PATH'] = [programs, process.env['PATH'] ?? ''].join(delimiter);
  if (process.execPath === realpathSync(node)) return;

  const child = spawn(node, process.argv.slice(1), { stdio: 'inherit' });
  // A terminal sends its signals to both; what is to be done then is the child's business.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  const status = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
  process.exit(status);
}
