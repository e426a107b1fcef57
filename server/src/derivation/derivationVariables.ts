import type { DerivationId } from '../model/derivation.ts';
import { endOfString, unescape } from './aterm.ts';
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
  let depth = 0;
  let lists = 0;
  let name: string | undefined;
  const brackets = /["[\]()]/g;
  for (let token = brackets.exec(text)?.[0]; token !== undefined; token = brackets.exec(text)?.[0]) {
    if (token !== '"') {
      depth += token === '[' || token === '(' ? 1 : -1;
      // `Derive(` is one deep; of its lists, outputs, inputs, sources and arguments come first.
      if (token === '[' && depth === 2) lists++;
      name = undefined;
      continue;
    }
    const start = brackets.lastIndex;
    const end = endOfString(text, start);
    if (end < 0) break;
    brackets.lastIndex = end + 1;
    if (lists !== 5 || depth !== 3) continue;
    const value = unescapeAll(text.slice(start, end));
    if (name === undefined) name = value;
    else variables.set(name, value);
  }
  const structured = variables.get('__json');
  return structured === undefined ? variables : new Map([...variables, ...structuredVariables(structured)]);
}

function unescapeAll(text: string): string {
  return text.includes('\\') ? text.replace(/\\([^])/g, unescape) : text;
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

/** What is nested deeper names nothing that anybody looks for, and would exhaust the stack. */
const maximumDepth = 64;

function textOf(value: unknown, depth = 0): string {
  if (typeof value === 'string') return value;
  if (depth > maximumDepth) return '';
  if (Array.isArray(value)) {
    const elements: readonly unknown[] = value;
    return elements.map((element) => textOf(element, depth + 1)).join(' ');
  }
  return jsonOf(value);
}

/** Empty where it is nested too deep for a text. */
function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof RangeError) return '';
    throw error;
  }
}
