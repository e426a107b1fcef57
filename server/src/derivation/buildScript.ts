import type { DerivationId } from '../model/derivation.ts';
import { endOfString, isObject, unescape } from './aterm.ts';
import { MalformedDerivationError } from './malformedDerivation.ts';
import { joinWords } from './variables.ts';

/**
 * The variables of a derivation by name. Of structured attributes, lists are
 * joined by blanks as plain ones are, and what has no plain form stands as JSON.
 */
export type Variables = ReadonlyMap<string, string>;

/** The variables of a graph's derivation; undefined where its .drv cannot be read. */
export type VariablesOf = (id: DerivationId) => Variables | undefined;

/** What a derivation's builder is started with. */
export interface BuildScript {
  readonly builder: string;
  readonly arguments: readonly string[];
  readonly variables: Variables;
}

/**
 * Reads all that a builder is given out of a .drv file, texts included. The
 * graph of a closure keeps none of them: this is for the few derivations that
 * are looked at closely.
 *
 * @throws MalformedDerivationError
 */
export function readBuildScript(bytes: Buffer, drvPath: string): BuildScript {
  const reader = new TermReader(bytes.toString('utf8'), drvPath);
  const fields = reader.read();
  // The traditional form begins with the outputs, that of dynamic derivations with its version.
  const [builder, args, env] = fields.slice(typeof fields[0] === 'string' ? 5 : 4);
  if (typeof builder !== 'string' || !Array.isArray(args) || !Array.isArray(env))
    return reader.fail('a derivation');
  const variables = variablesOf(env);
  if (variables === undefined) return reader.fail('a JSON object as the value of __json');
  return { builder, arguments: args.filter((argument) => typeof argument === 'string'), variables };
}

/** Undefined where the structured attributes are none. */
function variablesOf(env: readonly Term[]): Variables | undefined {
  const variables = new Map<string, string>();
  for (const pair of env) {
    const [name, value] = typeof pair === 'string' ? [] : pair;
    if (typeof name !== 'string' || typeof value !== 'string') continue;
    if (name !== '__json') {
      variables.set(name, value);
      continue;
    }
    const attributes = parseObject(value);
    if (attributes === undefined) return undefined;
    for (const [attribute, structured] of Object.entries(attributes))
      variables.set(attribute, textOf(structured));
    // What is in `env` becomes variables as well (nixpkgs source, `make-derivation.nix`).
    for (const [attribute, structured] of Object.entries(isObject(attributes.env) ? attributes.env : {}))
      variables.set(attribute, textOf(structured));
  }
  return variables;
}

/** A list of lists or of sets has no plain form, and a set has none. */
function textOf(value: unknown): string {
  const isPlain = !Array.isArray(value) || value.every((element) => typeof element !== 'object');
  return (isPlain ? joinWords(value) : undefined) ?? jsonOf(value);
}

/** Nothing where it is nested so deep that nobody means anything by it. */
function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof RangeError) return '';
    throw error;
  }
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isObject(value) ? value : undefined;
}

/** A string, or a list or tuple of terms. */
type Term = string | readonly Term[];

const maximumDepth = 64;

/** Reads the terms of Nix's derivations: strings, lists and tuples (Nix source, `derivations.cc`). */
class TermReader {
  readonly #text: string;
  readonly #drvPath: string;
  #position: number;

  constructor(text: string, drvPath: string) {
    this.#text = text;
    this.#drvPath = drvPath;
    this.#position = text.indexOf('(');
  }

  /** The fields of the derivation. */
  read(): readonly Term[] {
    const fields = this.#readTerm(0);
    return typeof fields === 'string' ? this.fail('a derivation') : fields;
  }

  fail(expected: string): never {
    const found = JSON.stringify(this.#text.slice(this.#position, this.#position + 24));
    throw new MalformedDerivationError(this.#drvPath, this.#position, expected, found);
  }

  #readTerm(depth: number): Term {
    const opening = this.#text.charAt(this.#position);
    if (opening === '"') return this.#readString();
    if ((opening !== '(' && opening !== '[') || depth > maximumDepth) return this.fail('`"`, `(` or `[`');
    const closing = opening === '(' ? ')' : ']';
    const terms: Term[] = [];
    this.#position++;
    while (this.#text.charAt(this.#position) !== closing) {
      if (terms.length > 0) this.#position++;
      terms.push(this.#readTerm(depth + 1));
    }
    this.#position++;
    return terms;
  }

  #readString(): string {
    const start = this.#position + 1;
    const end = endOfString(this.#text, start);
    if (end < 0) this.fail('the closing quote of a string');
    this.#position = end + 1;
    const text = this.#text.slice(start, end);
    return text.includes('\\') ? text.replace(/\\([^])/g, unescape) : text;
  }
}
