import { isAscii } from 'node:buffer';
import { storeDirOf } from '../model/storePath.ts';
import { MalformedDerivationError } from './malformedDerivation.ts';
import type { ParsedDerivation, ParsedInput, ParsedOutput } from './parsedDerivation.ts';
import { StringPool } from './stringPool.ts';
import { mayBeEmpty, VariableReader, wantedVariables } from './variables.ts';

/**
 * Parses the content of a .drv file (Nix source, `derivations.cc`,
 * `parseDerivation`), in its traditional form and in that for dynamic
 * derivations.
 *
 * @param pool shared by the derivations of a closure, to keep its strings once
 * @throws MalformedDerivationError at the first byte that is not as Nix writes it
 */
export function parseDerivation(
  bytes: Buffer,
  drvPath: string,
  storeDir: string = storeDirOf(drvPath),
  pool: StringPool = new StringPool(),
): ParsedDerivation {
  return new ATermParser(bytes, drvPath, storeDir, pool).parse();
}

const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;
const openingBracket = 0x5b;
const closingBracket = 0x5d;
const openingParenthesis = 0x28;
const closingParenthesis = 0x29;

/**
 * The bytes are looked at as a Latin-1 string: one character a byte, so that
 * offsets are byte offsets and V8's `indexOf` (a `memchr`) skips the texts that
 * nobody needs. Only strings that are kept are decoded.
 */
class ATermParser {
  readonly #bytes: Buffer;
  readonly #text: string;
  /** No byte above 0x7f: characters are bytes, nothing is to be decoded. */
  readonly #ascii: boolean;
  readonly #drvPath: string;
  readonly #pool: StringPool;
  readonly #variables: VariableReader;
  #position = 0;

  constructor(bytes: Buffer, drvPath: string, storeDir: string, pool: StringPool) {
    this.#bytes = bytes;
    this.#ascii = isAscii(bytes);
    this.#pool = pool;
    this.#text = bytes.toString('latin1');
    this.#drvPath = drvPath;
    this.#variables = new VariableReader(storeDir, pool);
  }

  parse(): ParsedDerivation {
    const dynamic = this.#text.startsWith('DrvWithVersion(');
    if (dynamic) this.#expect('DrvWithVersion("xp-dyn-drv",[');
    else this.#expect('Derive([');
    const outputs = this.#parseOutputs();
    this.#expect(',[');
    const inputs = this.#parseInputs(dynamic);
    this.#expect(',[');
    while (!this.#endOfList()) this.#skipString();
    this.#expect(',');
    const system = this.#parseString();
    this.#expect(',');
    const builder = this.#parseString();
    this.#variables.readPaths(builder, 'builder');
    this.#expect(',[');
    while (!this.#endOfList()) this.#parseArgument();
    this.#expect(',[');
    this.#parseVariables();
    this.#expect(')');
    if (this.#position !== this.#text.length) this.#fail('the end of the file');
    return this.#variables.finish({ outputs, inputs, system, builder });
  }

  #parseOutputs(): ParsedOutput[] {
    const outputs: ParsedOutput[] = [];
    while (!this.#endOfList()) {
      this.#expect('(');
      const name = this.#parseString();
      this.#expect(',');
      const path = this.#parsePath('an output path or nothing', true);
      this.#expect(',');
      const hashAlgorithm = this.#parseRaw();
      this.#expect(',');
      const hash = this.#parseRaw();
      this.#expect(')');
      const fixedOutput = hashAlgorithm !== '' && hash !== '' && hash !== 'impure';
      outputs.push(path === '' ? { name, fixedOutput } : { name, path, fixedOutput });
    }
    return outputs;
  }

  #parseInputs(dynamic: boolean): ParsedInput[] {
    const inputs: ParsedInput[] = [];
    while (!this.#endOfList()) {
      this.#expect('(');
      const drvPath = this.#parsePath('the path of an input derivation', false);
      this.#expect(',');
      const outputs = this.#isOnlyOut() ? onlyOut : this.#parseInputOutputs(dynamic, '', []);
      this.#expect(')');
      inputs.push({ drvPath, outputs });
    }
    return inputs;
  }

  /** Moves behind the most frequent list of outputs, if it is that. */
  #isOnlyOut(): boolean {
    const isIt = this.#text.startsWith('["out"]', this.#position);
    if (isIt) this.#position += '["out"]'.length;
    return isIt;
  }

  /** `["out"]`, or with outputs of outputs `(["out"],[("drv",["out"])])`. */
  #parseInputOutputs(dynamic: boolean, prefix: string, outputs: string[], depth = 0): string[] {
    const nested = dynamic && this.#text.charCodeAt(this.#position) === openingParenthesis;
    if (depth > maximumDepth) this.#fail(`at most ${maximumDepth} levels of outputs of outputs`);
    this.#expect(nested ? '([' : '[');
    while (!this.#endOfList()) outputs.push(prefix + this.#parseString());
    if (!nested) return outputs;
    this.#expect(',[');
    while (!this.#endOfList()) {
      this.#expect('(');
      const name = this.#parseString();
      this.#expect(',');
      this.#parseInputOutputs(dynamic, `${prefix}${name}^`, outputs, depth + 1);
      this.#expect(')');
    }
    this.#expect(')');
    return outputs;
  }

  #parseArgument(): void {
    this.#variables.readPaths(this.#parseRaw(), 'args');
  }

  /** The hot loop: most of a .drv file is variables, most of them are skipped. */
  #parseVariables(): void {
    const text = this.#text;
    while (!this.#endOfList()) {
      const nameStart = this.#position + 2;
      const nameEnd = endOfString(text, nameStart);
      const valueStart = nameEnd + 3;
      const valueEnd = endOfString(text, valueStart);
      if (!isVariable(text, nameStart, nameEnd, valueStart, valueEnd)) this.#failInVariable();
      this.#position = valueEnd + 2;
      // Empty ones are many: all dependency lists that nobody fills.
      if (valueEnd > valueStart || lengthsOfTelling.has(nameEnd - nameStart)) {
        const wanted = wantedNames[nameKey(text.charCodeAt(nameStart), nameEnd - nameStart)];
        if (wanted !== undefined && text.startsWith(wanted, nameStart)) {
          this.#readVariable(wanted, valueStart, valueEnd);
        }
      }
    }
  }

  /** Goes through a variable that is not as it should be once more, to the place where it goes wrong. */
  #failInVariable(): never {
    this.#expect('(');
    this.#skipString();
    this.#expect(',');
    this.#skipString();
    this.#expect(')');
    return this.#fail('a variable');
  }

  #readVariable(name: string, start: number, end: number): void {
    // As it is meant: a line break is written as two characters, and one byte of UTF-8 may look like a blank.
    if (name !== structuredAttributes) this.#variables.readVariable(name, this.#unescape(start, end));
    else if (end > start) this.#parseStructured(start, end);
  }

  #parseStructured(start: number, end: number): void {
    let attributes: unknown;
    try {
      attributes = JSON.parse(this.#unescape(start, end));
    } catch {
      attributes = undefined;
    }
    if (!isObject(attributes)) {
      this.#position = start;
      this.#fail('a JSON object as the value of __json');
    }
    this.#variables.readStructured(attributes);
  }

  #parsePath(what: string, mayBeEmpty: boolean): string {
    const start = this.#position;
    // Nothing in a store path is escaped.
    const path = this.#pool.keep(this.#parseRaw());
    if (!path.startsWith('/') && !(mayBeEmpty && path === '')) {
      this.#position = start + 1;
      this.#fail(what);
    }
    return path;
  }

  /** A string as it stands in the file, for a look and not to be kept. */
  #parseRaw(): string {
    const start = this.#position + 1;
    this.#skipString();
    return this.#text.slice(start, this.#position - 1);
  }

  #parseString(): string {
    const start = this.#position + 1;
    this.#skipString();
    return this.#decode(start, this.#position - 1);
  }

  /** Moves behind the string that starts here. */
  #skipString(): void {
    if (this.#text.charCodeAt(this.#position) !== quote) this.#fail('a string');
    const end = endOfString(this.#text, this.#position + 1);
    if (end < 0) {
      this.#position = this.#text.length;
      this.#fail('the closing quote of a string');
    }
    this.#position = end + 1;
  }

  #decode(start: number, end: number): string {
    if (start === end) return '';
    const text = this.#unescape(start, end);
    return this.#ascii ? this.#pool.keep(text) : text;
  }

  #unescape(start: number, end: number): string {
    const text = this.#ascii ? this.#text.slice(start, end) : this.#bytes.toString('utf8', start, end);
    return text.includes('\\') ? text.replace(/\\([^])/g, unescape) : text;
  }

  /** Moves behind the comma that separates two elements, or behind the end of the list. */
  #endOfList(): boolean {
    const character = this.#text.charCodeAt(this.#position);
    if (character === closingBracket) {
      this.#position++;
      return true;
    }
    // No element ends with `[`: this is the list's first one.
    if (this.#text.charCodeAt(this.#position - 1) === openingBracket) return false;
    if (character !== comma) this.#fail('`,` or `]`');
    this.#position++;
    return false;
  }

  #expect(token: string): void {
    for (let index = 0; index < token.length; index++) {
      if (this.#text.charCodeAt(this.#position + index) !== token.charCodeAt(index))
        this.#fail(`\`${token}\``);
    }
    this.#position += token.length;
  }

  #fail(expected: string): never {
    const rest = this.#bytes.toString(
      'utf8',
      this.#position,
      Math.min(this.#position + 24, this.#bytes.length),
    );
    const found = rest === '' ? 'the end of the file' : JSON.stringify(rest);
    throw new MalformedDerivationError(this.#drvPath, this.#position, expected, found);
  }
}

/** Nobody writes so many; a forged file must not exhaust the stack. */
const maximumDepth = 64;
const onlyOut: readonly string[] = ['out'];
const structuredAttributes = '__json';

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The position of the quote that closes the string whose content starts here; negative where none does. */
export function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start);
  while (end > start && text.charCodeAt(end - 1) === backslash && isEscaped(text, end)) {
    end = text.indexOf('"', end + 1);
  }
  return end;
}

/** Do the two strings stand in their place: `("name","value")`? */
function isVariable(
  text: string,
  nameStart: number,
  nameEnd: number,
  valueStart: number,
  valueEnd: number,
): boolean {
  return (
    nameEnd >= 0 &&
    valueEnd >= 0 &&
    text.charCodeAt(nameStart - 2) === openingParenthesis &&
    text.charCodeAt(nameStart - 1) === quote &&
    text.charCodeAt(nameEnd + 1) === comma &&
    text.charCodeAt(valueStart - 1) === quote &&
    text.charCodeAt(valueEnd + 1) === closingParenthesis
  );
}

/** A quote behind an odd number of backslashes belongs to its string. */
function isEscaped(text: string, quotePosition: number): boolean {
  let first = quotePosition;
  while (text.charCodeAt(first - 1) === backslash) first--;
  return (quotePosition - first) % 2 === 1;
}

export function unescape(_: string, character: string): string {
  if (character === 'n') return '\n';
  if (character === 'r') return '\r';
  return character === 't' ? '\t' : character;
}

/** By their length, those of which an empty value is looked at. */
const lengthsOfTelling: ReadonlySet<number> = new Set(mayBeEmpty.map((name) => name.length));

/**
 * The wanted variables by first character and length, in which no two of them
 * are alike: most variables are not wanted, and this tells without making a string.
 */
const wantedNames: (string | undefined)[] = new Array<undefined>(128 * 64).fill(undefined);
for (const name of [...wantedVariables, structuredAttributes]) {
  const key = nameKey(name.charCodeAt(0), name.length);
  if (wantedNames[key] !== undefined) throw new Error(`${name} is like ${wantedNames[key]}`);
  wantedNames[key] = name;
}

/** Negative for a name that is longer than all. */
function nameKey(firstCharacter: number, length: number): number {
  return length < 64 && firstCharacter < 128 ? firstCharacter * 64 + length : -1;
}
