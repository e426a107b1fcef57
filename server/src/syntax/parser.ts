import { join } from 'node:path';
import { Language, Parser, type Tree } from 'web-tree-sitter';

import type { Steps } from '../model/slices.ts';
import { RefusedTexts } from './refusedTexts.ts';
import { TextLimitError, textLimits } from './textLimits.ts';

/** After how many progress reports of the parser a step is over. */
const reportsPerStep = 10;

/** Turns Nix text into concrete syntax trees. */
export interface NixParser {
  /**
   * Parses a text; with `previous` (edited to match) only what changed is parsed again.
   *
   * @throws TextLimitError
   */
  parse(text: string, previous?: Tree): Tree;
  /** The same in steps. */
  parseInSteps(text: string, previous?: Tree): Steps<Tree>;
}

/** The tree of a text, in steps; undefined where that is beyond a limit: nothing can be told of it then. */
export function* parseWithinLimits(parser: NixParser, text: string): Steps<Tree | undefined> {
  try {
    return yield* parser.parseInSteps(text);
  } catch (error) {
    if (error instanceof TextLimitError) return undefined;
    throw error;
  }
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
  const newParser = (): Parser => new Parser().setLanguage(language);
  const shared = newParser();
  const refused = new RefusedTexts();
  return {
    parse(text, previous) {
      if (text.length > textLimits.length) throw new TextLimitError('length');
      if (refused.has(text)) throw new TextLimitError('reports');
      let reports = 0;
      const tree = shared.parse(text, previous, {
        progressCallback: () => ++reports > textLimits.reports,
      });
      if (tree) return tree;
      shared.reset();
      refused.add(text);
      throw new TextLimitError('reports');
    },

    *parseInSteps(text, previous) {
      if (text.length > textLimits.length) throw new TextLimitError('length');
      // Of its own: what is parsed half must not be gone on with by another text.
      const parser = newParser();
      // The caller may edit its tree meanwhile.
      const former = previous?.copy();
      try {
        let reports = 0;
        for (;;) {
          // Somebody else may have found it out meanwhile.
          if (refused.has(text)) throw new TextLimitError('reports');
          const end = Math.min(reports + reportsPerStep, textLimits.reports);
          const tree = parser.parse(text, former, { progressCallback: () => ++reports > end });
          if (tree) return tree;
          if (reports > textLimits.reports) {
            refused.add(text);
            throw new TextLimitError('reports');
          }
          yield;
        }
      } finally {
        former?.delete();
        parser.delete();
      }
    },
  };
}
