/**
 * `npm run trace -- check -f FILE …`: runs the built command, and keeps of each
 * Nix that it starts what it was called with, what it printed on standard
 * error (the traces of probes among it), and the instrumented copies that it
 * read. The command itself removes them. Prints the folder in which they lie.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { onOwnNode } from './support/ownNode.mjs';
import { findProgram } from './support/process.mjs';

await onOwnNode();
const cli = join(dirname(import.meta.dirname), 'dist', 'cli.js');
const folder = mkdtempSync(join(tmpdir(), 'npl-trace-'));
const programs = join(folder, 'programs');
mkdirSync(programs);
for (const name of ['nix-instantiate', 'nix', 'nix-store']) {
  const program = findProgram(name);
  if (program !== undefined) writeFileSync(join(programs, name), wrapper(program), { mode: 0o755 });
}
const { status } = spawnSync(
  process.execPath,
  ['--enable-source-maps', cli, ...process.argv.slice(2), '--nix', programs],
  { stdio: 'inherit', cwd: process.env['INIT_CWD'] ?? process.cwd() },
);
console.error(`\nWhat each Nix was called with, read and printed: ${folder}`);
process.exitCode = status ?? 2;

/** @param {string} program */
function wrapper(program) {
  return `#!/bin/bash
kept=$(mktemp -d ${quoted(join(folder, 'XXXXXX'))})
printf '%s\\n' ${quoted(program)} "$@" > "$kept/arguments"
for copies in $(printf '%s\\n' "$@" | grep -oE '/[^ "]*/nix-platform-lens-[A-Za-z0-9-]+' | sort -u); do
  cp -r "$copies" "$kept/"
done
exec ${quoted(program)} "$@" 2> >(tee "$kept/stderr" >&2)
`;
}

/** @param {string} text */
function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
