/**
 * `npm run bench`: runs the benchmarks in test/bench one after the other on the
 * built bundles, and prints one table. `npm run bench -- start` runs only those
 * whose name contains that word.
 */
import { spawnSync } from 'node:child_process';
// Not by name: an older Node, which starts this, lacks `globSync`.
import * as fs from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { onOwnNode } from './support/ownNode.mjs';
import { run } from './support/process.mjs';

/** @typedef {import('../test/support/benchmark.ts').BenchmarkRow} Row */

await onOwnNode();
process.chdir(dirname(import.meta.dirname));
const words = process.argv.slice(2);
run('npm', ['run', '--silent', 'build']);

/** @type {Row[]} */
const rows = [];
for (const file of fs.globSync('test/bench/*.ts').sort()) {
  const name = basename(file, '.ts');
  if (words.length > 0 && !words.some((word) => name.includes(word))) continue;
  console.log(`${name} …`);
  const { status, stdout } = spawnSync(process.execPath, [join('test', 'bench', `${name}.ts`)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  for (const line of stdout.split('\n')) {
    if (line.startsWith('{')) rows.push(JSON.parse(line));
    else if (line !== '') console.log(`  ${line}`);
  }
  if (status !== 0) {
    rows.push({ subject: name, measured: 'failed', met: false });
    process.exitCode = 1;
  }
}

const cells = [
  ['', 'measured', 'compared with', 'goal', ''],
  ...rows.map((row) => [row.subject, row.measured, row.reference ?? '', row.goal ?? '', verdict(row)]),
];
const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
console.log();
for (const row of cells) {
  console.log(
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** @param {Row} row */
function verdict(row) {
  if (row.met === undefined) return '';
  return row.met ? '✓' : '✗';
}
