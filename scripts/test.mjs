/**
 * `npm test`: does all its own set-up, checks types, lint and format, and runs
 * all tests. Arguments are files to test instead: `npm test -- test/unit/x.test.ts`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
// Not by name: an older Node, which starts this, lacks `globSync`.
import * as fs from 'node:fs';
import { dirname, join } from 'node:path';

import { onOwnNode } from './support/ownNode.mjs';
import { run } from './support/process.mjs';
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

// A fault of form does not hide what the tests have to say.
const { status: checked } = spawnSync('npm', ['run', '--silent', 'check'], { stdio: 'inherit' });
if (checked !== 0) console.error('\n✖ npm run check found what is printed above.\n');

const named = process.argv.slice(2);
// Known faults of what is installed, where a registry answers; else it says that nothing was checked.
const { status: audited } =
  named.length > 0
    ? { status: 0 }
    : spawnSync(process.execPath, [join('scripts', 'audit.mjs')], { stdio: 'inherit' });

const tests = spawn(
  process.execPath,
  [
    '--test',
    '--test-reporter=./scripts/support/reporter.mjs',
    '--test-reporter-destination=stdout',
    // Longer than any test needs: nothing may hang for ever.
    '--test-timeout=600000',
    ...(named.length > 0 ? named : fs.globSync('test/**/*.test.ts').sort()),
  ],
  { stdio: 'inherit' },
);
// The limit of a test does not hold for its file: that one can be over, and its process live on.
const limit = setTimeout(() => {
  console.error(`\n✖ The tests did not end within ${longestMinutes} minutes. What runs now:\n`);
  spawnSync('ps', ['-e', '-o', 'pid,ppid,etime,args', '--columns', '200'], { stdio: 'inherit' });
  // The runner tells on which file it waited.
  tests.kill('SIGTERM');
}, longestMinutes * 60_000);
const [tested] = await once(tests, 'exit');
clearTimeout(limit);
process.exitCode = checked === 0 && audited === 0 && tested === 0 ? 0 : 1;
