import type { DerivationGraph } from '../../model/derivationGraph.ts';
import type { DerivationId } from '../../model/derivation.ts';

/** A derivation whose output a text names. */
export interface StorePathUse {
  readonly input: DerivationId;
  /** It is a program there, or a folder of programs. */
  readonly executed: boolean;
}

/**
 * Store paths, and the placeholders of outputs that are known only after the
 * build. No store lies deeper than eight folders: a longer path is not tried from each of them.
 */
const storePath =
  /\/[0-9a-df-np-sv-z]{52}(?![0-9a-z])|(?:\/[\w.+-]+){1,8}\/[0-9a-df-np-sv-z]{32}-[\w.+?=-]+/g;
const programs = /^\/(?:s?bin|libexec)(?![\w.+-])/;

/**
 * The derivations of a graph whose outputs a text names. A path that ends in a
 * folder of programs is executed, as is what a script's first line names.
 */
export function usesIn(text: string, graph: DerivationGraph): StorePathUse[] {
  const interpreterEnd = text.startsWith('#!') ? text.indexOf('\n') : -1;
  return [...text.matchAll(storePath)].flatMap(({ 0: path, index }) => {
    const input = graph.findByOutputPath(path);
    if (input === undefined) return [];
    const executed = programs.test(text.slice(index + path.length)) || index < interpreterEnd;
    return [{ input, executed }];
  });
}
