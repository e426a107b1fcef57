/**
 * `npm test`: does all its own set-up, checks types, lint and format, and runs
 * all tests. Arguments are files to test instead: `npm test -- test/unit/x.test.ts`.
 */
import { spawnSync } from 'node:child_process';
// Not by name: an older Node, which starts this, lacks `globSync`.
import * as fs from 'node:fs';
import { dirname, join } from 'node:path';

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

// A fault of form does not hide what the tests have to say.
const { status: checked } = spawnSync('npm', ['run', '--silent', 'check'], { stdio: 'inherit' });
if (checked !== 0) console.error('\n✖ npm run check found what is printed above.\n');

const named = process.argv.slice(2);
// Known faults of what is installed, where a registry answers; else it says that nothing was checked.
const { status: audited } =
  named.length > 0
    ? { status: 0 }
    : spawnSync(process.execPath, [join('scripts', 'audit.mjs')], { stdio: 'inherit' });

const tested = await runTests(named.length > 0 ? named : fs.globSync('test/**/*.test.ts'), longestMinutes);
process.exitCode = checked === 0 && audited === 0 && tested ? 0 : 1;
