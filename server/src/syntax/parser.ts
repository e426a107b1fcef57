import { join } from 'node:path';
import { Language, Parser, type Tree } from 'web-tree-sitter';

import { settledOrAborted } from '../model/settledOrAborted.ts';
import { Slice } from '../model/slices.ts';
import { RefusedTexts } from './refusedTexts.ts';
import { TextLimitError, textLimits } from './textLimits.ts';

/** Turns Nix text into concrete syntax trees. */
export interface NixParser {
  /**
   * Parses a text; with `previous` (edited to match) only what changed is parsed again.
   *
   * @throws TextLimitError
   */
  parse(text: string, previous?: Tree): Tree;
  /**
   * The same in slices, between which others have their turn.
   *
   * @throws TextLimitError, or the reason of `signal`
   */
  parseInSlices(text: string, previous?: Tree, signal?: AbortSignal): Promise<Tree>;
}

/** The tree of a text; undefined where that is beyond a limit: nothing can be told of it then. */
export function parseWithinLimits(parser: NixParser, text: string): Tree | undefined {
  try {
    return parser.parse(text);
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
  /** Texts that are parsed in slices at this moment, each once. */
  const underWay: { readonly text: string; readonly ended: Promise<unknown> }[] = [];
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

    async parseInSlices(text, previous, signal) {
      if (text.length > textLimits.length) throw new TextLimitError('length');
      // The caller may edit its tree meanwhile.
      const former = previous?.copy();
      try {
        // Whoever is ahead may find out that it is beyond the limits, which takes seconds.
        for (let same; (same = underWay.find((other) => other.text === text));) {
          await (signal ? settledOrAborted(same.ended, signal) : same.ended);
          signal?.throwIfAborted();
        }
        if (refused.has(text)) throw new TextLimitError('reports');
        const parsing = parseAlone(text, former, signal);
        const own = { text, ended: Promise.allSettled([parsing]) };
        underWay.push(own);
        try {
          return await parsing;
        } finally {
          underWay.splice(underWay.indexOf(own), 1);
        }
      } finally {
        former?.delete();
      }
    },
  };

  async function parseAlone(text: string, former: Tree | undefined, signal?: AbortSignal): Promise<Tree> {
    // Of its own: what is parsed half must not be gone on with by another text.
    const parser = newParser();
    try {
      const slice = new Slice(signal);
      let reports = 0;
      for (;;) {
        const isOver = (): boolean => ++reports > textLimits.reports || slice.isOver;
        const tree = parser.parse(text, former, { progressCallback: isOver });
        if (tree) return tree;
        if (reports > textLimits.reports) {
          refused.add(text);
          throw new TextLimitError('reports');
        }
        await slice.giveWay();
        // Somebody who could not wait may have found it out.
        if (refused.has(text)) throw new TextLimitError('reports');
      }
    } finally {
      parser.delete();
    }
  }
}
