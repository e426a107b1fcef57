import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';

import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';

const root = join(import.meta.dirname, '../..');
const rule = '@typescript-eslint/no-restricted-imports';
// The project's own configuration, less the rules that need a file that exists.
const linter = new ESLint({ cwd: root, overrideConfig: tseslint.configs.disableTypeChecked });

/** What the direction of imports has against a statement in a file of that name. */
async function complaints(file: string, statement: string): Promise<string[]> {
  const [result] = await linter.lintText(`${statement}\n`, { filePath: join(root, file) });
  assert.ok(result, `${file} is not linted`);
  assert.equal(result.fatalErrorCount, 0, result.messages[0]?.message);
  return result.messages.filter(({ ruleId }) => ruleId === rule).map(({ message }) => message);
}

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

for (const [file, statement, because] of forbidden) {
  test(`${file} may not say ${statement}`, async () => {
    assert.match((await complaints(file, statement)).join('\n'), because);
  });
}

for (const [file, statement] of allowed) {
  test(`${file} may say ${statement}`, async () => {
    assert.deepEqual(await complaints(file, statement), []);
  });
}
