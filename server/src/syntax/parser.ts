import { join } from 'node:path';
import { Language, Parser, type Tree } from 'web-tree-sitter';

/** Turns Nix text into concrete syntax trees. */
export interface NixParser {
  /** Parses a text; with `previous` (edited to match) only what changed is parsed again. */
  parse(text: string, previous?: Tree): Tree;
}

/**
 * Loads the WebAssembly parser.
 *
 * @param directory the folder that holds `web-tree-sitter.wasm` and `tree-sitter-nix.wasm`
 * @throws Error when one of them cannot be loaded
 */
export async function loadParser(directory: string): Promise<NixParser> {
  await Parser.init({ locateFile: (name: string) => join(directory, name) });
  const language = await Language.load(join(directory, 'tree-sitter-nix.wasm'));
  const parser = new Parser();
  parser.setLanguage(language);
  return {
    parse(text, previous) {
      const tree = parser.parse(text, previous);
      // Null only without a language or when cancelled; neither can be the case here.
      if (tree === null) throw new Error('the Nix grammar is not loaded');
      return tree;
    },
  };
}
