/**
 * `npm run audit`: asks the registry for known faults of the packages that are
 * installed; one of them that is rated high or critical ends it with status 1.
 * Not every registry answers that: then it says so and ends well, unless
 * `--strict` is given, as where something is published.
 */
import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';

import { readAudit } from './support/audit.mjs';

const { stdout, error } = spawnSync(
  'npm',
  ['audit', '--json', '--fetch-retries=0', '--fetch-timeout=20000'],
  { cwd: dirname(import.meta.dirname), encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
);
const { verdict, text } = readAudit(error ? error.message : stdout);
console.log(text);
const isStrict = process.argv.includes('--strict');
process.exitCode = verdict === 'bad' || (verdict === 'unknown' && isStrict) ? 1 : 0;
