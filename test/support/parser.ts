import assert from 'node:assert/strict';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { loadShellParser, type ShellParser } from '../../server/src/shell/shellParser.ts';
import { loadParser, type NixParser } from '../../server/src/syntax/parser.ts';

const repository = join(import.meta.dirname, '..', '..');

let loading: Promise<NixParser> | undefined;
let loadingShell: Promise<ShellParser> | undefined;

/** The real grammar, from where the repository keeps it; loaded once per test process. */
export function testParser(): Promise<NixParser> {
  return (loading ??= withGrammar('syntaxes/tree-sitter-nix.wasm', loadParser));
}

/** The same, which refuses to parse a text at one go. */
export async function steppingParser(): Promise<NixParser> {
  return { ...(await testParser()), parse: () => assert.fail('a text was parsed at once') };
}

/** The real grammar of bash. */
export function testShellParser(): Promise<ShellParser> {
  return (loadingShell ??= withGrammar(
    'node_modules/tree-sitter-bash/tree-sitter-bash.wasm',
    loadShellParser,
  ));
}

async function withGrammar<Parser>(
  grammar: string,
  load: (directory: string) => Promise<Parser>,
): Promise<Parser> {
  const directory = await mkdtemp(join(tmpdir(), 'nix-platform-lens-grammar-'));
  try {
    for (const file of ['node_modules/web-tree-sitter/web-tree-sitter.wasm', grammar])
      await copyFile(join(repository, file), join(directory, basename(file)));
    return await load(directory);
  } finally {
    // A loaded parser needs its files no more.
    await rm(directory, { recursive: true, force: true });
  }
}
