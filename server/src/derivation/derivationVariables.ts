import type { DerivationId } from '../model/derivation.ts';
import type { DerivationFiles } from './derivationFiles.ts';
import { LocalFiles } from './derivationFiles.ts';
import type { DerivationGraph } from './graph.ts';

/** The variables of a derivation by name; those of structured attributes as the plain ones would be. */
export type Variables = ReadonlyMap<string, string>;

/** Reads the variables of a graph's derivation; undefined where its .drv is no readable file. */
export type VariablesOf = (id: DerivationId) => Variables | undefined;

/**
 * Reads variables of single derivations, each once: the graph itself does not
 * keep them. For the few of a closure whose texts matter.
 */
export function readVariablesOf(
  graph: DerivationGraph,
  files: DerivationFiles = new LocalFiles(),
): VariablesOf {
  const known = new Map<DerivationId, Variables | undefined>();
  return (id) => {
    if (!known.has(id)) known.set(id, readVariables(graph.derivation(id).drvPath, files));
    return known.get(id);
  };
}

function readVariables(drvPath: string, files: DerivationFiles): Variables | undefined {
  try {
    return parseVariables(files.readNow(drvPath).toString('utf8'));
  } catch (error) {
    // It lies in a store that is not of this machine: what it has in its variables stays unknown.
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}

/**
 * The variables of a .drv file's text, which end it: `…,[("name","value"),…])`
 * (Nix source, `derivations.cc`, `unparse`). None where the text is no derivation.
 */
export function parseVariables(text: string): Variables {
  const variables = new Map<string, string>();
  const tokens = /"((?:[^"\\]|\\[^])*)"|[[\]()]/g;
  let depth = 0;
  let lists = 0;
  let name: string | undefined;
  for (const [token, content] of text.matchAll(tokens)) {
    if (content === undefined) {
      depth += token === '[' || token === '(' ? 1 : -1;
      // `Derive(` is one deep; of its lists, outputs, inputs, sources and arguments come first.
      if (token === '[' && depth === 2) lists++;
      name = undefined;
    } else if (lists === 5 && depth === 3) {
      const value = unescape(content);
      if (name === undefined) name = value;
      else variables.set(name, value);
    }
  }
  const structured = variables.get('__json');
  return structured === undefined ? variables : new Map([...variables, ...structuredVariables(structured)]);
}

function unescape(text: string): string {
  return text.replace(/\\([^])/g, (_, character: string) =>
    character === 'n' ? '\n' : character === 'r' ? '\r' : character === 't' ? '\t' : character,
  );
}

function structuredVariables(json: string): [string, string][] {
  let attributes: unknown;
  try {
    attributes = JSON.parse(json);
  } catch {
    // Whoever reads the graph tells of a derivation that is malformed.
    return [];
  }
  if (typeof attributes !== 'object' || attributes === null) return [];
  return Object.entries(attributes).map(([name, value]) => [name, textOf(value)]);
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) {
    const elements: readonly unknown[] = value;
    return elements.map(textOf).join(' ');
  }
  return JSON.stringify(value);
}
