import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';

import * as z from 'zod';

import config from '../../oxlint.config.ts';

const root = join(import.meta.dirname, '../..');
const linter = join(root, 'node_modules/oxlint/bin/oxlint');
const rule = 'eslint(no-restricted-imports)';

const forbidden: [file: string, statement: string, because: RegExp][] = [
  ['server/src/model/x.ts', "import { parse } from '../syntax/parser.ts';", /point from lsp to model/],
  ['server/src/syntax/x.ts', "import type { Report } from '../check/policy.ts';", /point from lsp to model/],
  ['server/src/check/x.ts', "import { evaluate } from '../nix/evaluate.ts';", /knows no Nix process/],
  ['server/src/nix/x.ts', "export { judge } from '../check/judge.ts';", /point from lsp to model/],
  ['server/src/running/x.ts', "import { Session } from '../session/session.ts';", /point from lsp to model/],
  ['server/src/features/deep/x.ts', "import { start } from '../../lsp/start.ts';", /point from lsp to model/],
  ['server/src/derivation/x.ts', "import { methods } from '../protocol.ts';", /speak the protocol/],
  [
    'server/src/storage/x.ts',
    "import type { Snapshot } from '../snapshot/snapshot.ts';",
    /point from lsp to model/,
  ],
  ['server/src/features/x.ts', "import { readFileSync } from 'node:fs';", /reads no files/],
  ['server/src/shell/x.ts', "import { readFileSync } from 'node:fs';", /reads no files/],
  ['server/src/shell/x.ts', "import { judge } from '../check/judge.ts';", /point from lsp to model/],
  ['server/src/check/x.ts', "import { readFile } from 'fs/promises';", /reads no files/],
  ['server/src/running/x.ts', "import { spawn } from 'node:child_process';", /Only server\/src\/nix/],
  [
    'server/src/derivation/x.ts',
    "import { readFile } from 'node:fs/promises';",
    /read by server\/src\/files/,
  ],
  ['server/src/nix/deep/x.ts', "import { readFileSync as read } from 'fs';", /read by server\/src\/files/],
  ['server/src/realised/x.ts', "import { open } from 'node:fs';", /read by server\/src\/files/],
  ['server/src/session/x.ts', "import { openSync } from 'node:fs';", /read by server\/src\/files/],
  ['server/src/storage/x.ts', "import { createReadStream } from 'node:fs';", /read by server\/src\/files/],
  ['server/src/running/x.ts', "import fs from 'node:fs';", /read by server\/src\/files/],
  ['server/src/running/x.ts', "import * as fs from 'node:fs/promises';", /read by server\/src\/files/],
  ['server/src/lsp/x.ts', "import { promises } from 'node:fs';", /read by server\/src\/files/],
  ['server/src/cli/x.ts', "import { readFile } from 'node:fs/promises';", /read by server\/src\/files/],
  ['server/src/cli.ts', "import { readFile } from 'node:fs/promises';", /read by server\/src\/files/],
  ['server/src/main.ts', "import { readFileSync } from 'node:fs';", /read by server\/src\/files/],
  ['server/src/binary/x.ts', "import { openSync } from 'node:fs';", /reads no files/],
  ['server/src/realised/x.ts', "import { spawn } from 'node:child_process';", /Only server\/src\/nix/],
  ['server/src/main.ts', "import { execa } from 'execa';", /Only server\/src\/nix/],
  [
    'server/src/features/x.ts',
    "import { createConnection } from 'vscode-languageserver/node';",
    /know a connection/,
  ],
  ['server/src/lsp/x.ts', "import * as vscode from 'vscode';", /Only the client/],
  ['server/src/cli.ts', "import { hover } from './features/hover.ts';", /knows no LSP/],
  ['server/src/protocol.ts', "import type { Report } from './model/report.ts';", /imports nothing/],
  ['client/src/x.ts', "import type { Report } from '../../server/src/model/report.ts';", /only protocol.ts/],
  ['client/src/closure/x.ts', "import { execa } from 'execa';", /Only server\/src\/nix/],
];

const allowed: [file: string, statement: string][] = [
  ['server/src/syntax/x.ts', "import type { Range } from '../model/location.ts';"],
  ['server/src/nix/x.ts', "import { execa } from 'execa';"],
  ['server/src/files/x.ts', "import { open, readFile } from 'node:fs/promises';"],
  ['server/src/derivation/x.ts', "import { readRegularFile } from '../files/regularFile.ts';"],
  ['server/src/storage/x.ts', "import { rename, writeFile } from 'node:fs/promises';"],
  ['server/src/realised/x.ts', "import { opendir, readdir, readlink } from 'node:fs/promises';"],
  ['server/src/check/x.ts', "import type { DerivationGraph } from '../derivation/graph.ts';"],
  ['server/src/features/x.ts', "import type { Hover } from 'vscode-languageserver';"],
  ['server/src/lsp/x.ts', "import { createConnection } from 'vscode-languageserver/node';"],
  ['server/src/cli.ts', "import { judge } from './check/judge.ts';"],
  ['client/src/closure/x.ts', "import { methods } from '../../../server/src/protocol.ts';"],
];

/** Each statement stands in a project of its own, below a folder named after its number. */
const projects = mkdtempSync(join(tmpdir(), 'architecture-'));
after(() => {
  rmSync(projects, { recursive: true });
});
// The project's own configuration, less the rules that need types.
const settings = JSON.stringify({ ...config, options: {} });

const lintReport = z.object({
  diagnostics: z.array(
    z.object({
      filename: z.string(),
      code: z.string().optional(),
      message: z.string(),
      help: z.string().optional(),
    }),
  ),
  number_of_files: z.number(),
});

const cases = [...forbidden, ...allowed];
for (const [number, [file, statement]] of cases.entries()) {
  const path = join(projects, String(number), file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(join(projects, String(number), '.oxlintrc.json'), settings);
  writeFileSync(path, `${statement}\n`);
}
const { stdout, stderr } = spawnSync(process.execPath, [linter, '--format', 'json', '.'], {
  cwd: projects,
  encoding: 'utf8',
});
assert.notEqual(stdout, '', stderr);
const report = lintReport.parse(JSON.parse(stdout));

test('every statement was looked at', () => {
  assert.equal(report.number_of_files, cases.length);
  assert.deepEqual(
    report.diagnostics.filter(({ code }) => code === undefined),
    [],
  );
});

/** What the direction of imports has against the statement of that number. */
const complaints = (number: number): string[] =>
  report.diagnostics
    .filter(({ filename, code }) => code === rule && filename.startsWith(`${number}/`))
    .map(({ message, help }) => `${message} ${help ?? ''}`);

for (const [number, [file, statement, because]] of forbidden.entries()) {
  test(`${file} may not say ${statement}`, () => {
    assert.match(complaints(number).join('\n'), because);
  });
}

for (const [number, [file, statement]] of allowed.entries()) {
  test(`${file} may say ${statement}`, () => {
    assert.deepEqual(complaints(forbidden.length + number), []);
  });
}

test('zod is imported whole: only so can the bundler leave out what is not used', () => {
  const sources = globSync(['server/src/**/*.ts', 'client/src/**/*.ts'], { cwd: root });
  assert.notEqual(sources.length, 0);
  const wrong = sources.filter((file) =>
    /\bimport\s*\{[^}]*\bz\b[^}]*\}\s*from\s*'zod'/.test(readFileSync(join(root, file), 'utf8')),
  );
  assert.deepEqual(wrong, [], "say `import * as z from 'zod'`");
});
