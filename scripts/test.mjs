/**
 * `npm test`: does all its own set-up, checks types, lint and format, and runs
 * all tests. Arguments are files to test instead: `npm test -- test/unit/x.test.ts`.
 */
import { spawn } from 'node:child_process';
// Not by name: an older Node, which starts this, lacks `globSync`.
import * as fs from 'node:fs';
import { constants, setPriority } from 'node:os';
import { basename, dirname, join } from 'node:path';

import { onOwnNode } from './support/ownNode.mjs';
import { run } from './support/process.mjs';
import { runTests } from './support/runTests.mjs';
import { setupEditor } from './setup-editor.mjs';

const repository = dirname(import.meta.dirname);
/** Several times what all tests take. */
const longestMinutes = 45;

await onOwnNode();
process.chdir(repository);
try {
  run(process.execPath, [join('scripts', 'setup-nix.mjs'), '--all']);
  setupEditor({ browser: true });
  run('npm', ['run', '--silent', 'package']);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

const named = process.argv.slice(2);
// They take the time that the tests leave, and a fault of form does not hide what those have to say.
const beside = Promise.all([
  runBeside('npm', ['run', '--silent', 'check']),
  // Known faults of what is installed, where a registry answers; else it says that nothing was checked.
  ...(named.length > 0 ? [] : [runBeside(process.execPath, [join('scripts', 'audit.mjs')])]),
]);
const files = named.length > 0 ? named : fs.globSync('test/**/*.test.ts');
const tested = await runTests(files, longestMinutes, beside);

const others = await beside;
for (const { command, status, said } of others) {
  process.stderr.write(said);
  if (status !== 0) console.error(`\n✖ ${command} found what is printed above.\n`);
}
process.exitCode = tested && others.every(({ status }) => status === 0) ? 0 : 1;

/**
 * Runs a program with less priority than the tests have.
 * @param {string} program
 * @param {string[]} args
 * @returns {Promise<{ command: string, status: number | null, said: string }>} how it ended and what it printed
 */
function runBeside(program, args) {
  const command = [basename(program), ...args].join(' ');
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (said += text));
    child.once('error', (error) => resolve({ command, status: null, said: `${error.message}\n` }));
    child.once('close', (status) => resolve({ command, status, said }));
  });
}
