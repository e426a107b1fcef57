import { join } from 'node:path';
import { Language, Parser, type Tree } from 'web-tree-sitter';

/** Turns the text of shell scripts into concrete syntax trees. */
export interface ShellParser {
  /**
   * Parses a text; what is no shell becomes ERROR nodes, around which the tree is right.
   * Undefined where it takes too long.
   */
  parse(text: string): Tree | undefined;
}

/** No script of nixpkgs takes a tenth of it; a forged one must not keep the server. */
const timeLimitMilliseconds = 200;

/**
 * Loads the grammar of bash.
 *
 * @param directory the folder that holds `web-tree-sitter.wasm` and `tree-sitter-bash.wasm`
 * @throws Error when one of them cannot be loaded
 */
export async function loadShellParser(directory: string): Promise<ShellParser> {
  await Parser.init({ locateFile: (name: string) => join(directory, name) });
  const language = await Language.load(join(directory, 'tree-sitter-bash.wasm'));
  const parser = new Parser();
  parser.setLanguage(language);
  return {
    parse(text) {
      const end = performance.now() + timeLimitMilliseconds;
      const tree = parser.parse(text, undefined, { progressCallback: () => performance.now() > end });
      if (tree === null) parser.reset();
      return tree ?? undefined;
    },
  };
}
