import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadParser, type NixParser } from '../../server/src/syntax/parser.ts';

const repository = join(import.meta.dirname, '..', '..');

let loading: Promise<NixParser> | undefined;

/** The real grammar, from where the repository keeps it; loaded once per test process. */
export function testParser(): Promise<NixParser> {
  return (loading ??= load());
}

async function load(): Promise<NixParser> {
  const directory = await mkdtemp(join(tmpdir(), 'nix-platform-lens-grammar-'));
  try {
    await copyFile(
      join(repository, 'node_modules/web-tree-sitter/web-tree-sitter.wasm'),
      join(directory, 'web-tree-sitter.wasm'),
    );
    await copyFile(
      join(repository, 'syntaxes/tree-sitter-nix.wasm'),
      join(directory, 'tree-sitter-nix.wasm'),
    );
    return await loadParser(directory);
  } finally {
    // A loaded parser needs its files no more.
    await rm(directory, { recursive: true, force: true });
  }
}
