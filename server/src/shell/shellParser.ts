import { join } from 'node:path';
import { Language, Parser, type Tree } from 'web-tree-sitter';

/** Turns the text of shell scripts into concrete syntax trees. */
export interface ShellParser {
  /**
   * Parses a text; what is no shell becomes ERROR nodes, around which the tree is right.
   * Undefined where it takes too much work, which is the same on every machine.
   */
  parse(text: string): Tree | undefined;
}

/**
 * The parser's progress reports, one for each hundred of its operations or so:
 * nixpkgs' `setup.sh`, with 38 KB, takes 188. A forged script must not keep the
 * server; and a busy machine must not find less than an idle one, so no time is
 * taken.
 */
const mostReports = 1000;

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
      let reports = 0;
      const tree = parser.parse(text, undefined, { progressCallback: () => ++reports > mostReports });
      if (tree === null) parser.reset();
      return tree ?? undefined;
    },
  };
}
