/**
 * `npm run check`: types, lint, what nobody uses, and format. All of them run,
 * so that one look tells everything.
 */
import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';

import { onOwnNode } from './support/ownNode.mjs';

await onOwnNode();
process.chdir(dirname(import.meta.dirname));

const checks = [
  ['tsc', '--project', '.', '--singleThreaded'],
  ['oxlint'],
  ['knip', '--no-progress'],
  ['oxfmt', '--check'],
];

// The first two are written in Go. They need a gigabyte: below two no garbage is collected, which saves a
// quarter of their work. With one thread each no type is worked out twice.
const env = { ...process.env, GOGC: 'off', GOMEMLIMIT: '2GiB', GOMAXPROCS: '1' };

for (const [program = '', ...args] of checks) {
  const { status, error } = spawnSync(program, args, { stdio: 'inherit', env });
  if (error) throw error;
  if (status === 0) continue;
  console.error(`✖ ${[program, ...args].join(' ')} found what is printed above.`);
  process.exitCode = 1;
}
