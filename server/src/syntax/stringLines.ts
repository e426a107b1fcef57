import type { Span, StringLiteral } from './ast.ts';

/** A line of a string's value, as far as its text tells. */
export interface StringLine extends Span {
  /**
   * What is written there, without the white space around it; between each two
   * of them stands an interpolation.
   */
  readonly pieces: readonly string[];
}

/**
 * The lines of a string's value, with their places in the text (Nix manual,
 * "String literal"). What an interpolation stands for is taken to have one line.
 */
export function linesOfString(literal: StringLiteral, text: string): StringLine[] {
  const quote = literal.indented ? 2 : 1;
  const lines: StringLine[] = [];
  let line = new OpenLine();
  const closeLine = (): void => {
    const closed = line.close();
    if (closed) lines.push(closed);
    line = new OpenLine();
  };
  let at = literal.start + quote;
  const end = literal.end - quote;
  let next = 0;
  while (at < end) {
    const interpolation = literal.interpolations[next];
    if (interpolation && interpolation.start <= at) {
      line.addHole(interpolation);
      at = Math.max(at + 1, interpolation.end);
      next++;
      continue;
    }
    const [length, value] = literal.indented ? indentedAt(text, at) : plainAt(text, at);
    if (value === '\n') closeLine();
    else line.add(value, at, at + length);
    at += length;
  }
  closeLine();
  return lines;
}

/** The length of what stands for one character or more, and what it stands for. */
function plainAt(text: string, at: number): readonly [number, string] {
  const character = text.charAt(at);
  if (character !== '\\') return lineBreakAt(text, at) ?? [1, character];
  const escaped = text.charAt(at + 1);
  return [2, escapes.get(escaped) ?? escaped];
}

function indentedAt(text: string, at: number): readonly [number, string] {
  if (text.startsWith("''$", at)) return [3, '$'];
  if (text.startsWith("'''", at)) return [3, "''"];
  if (text.startsWith("''\\", at)) {
    const escaped = text.charAt(at + 3);
    return [4, escapes.get(escaped) ?? escaped];
  }
  return lineBreakAt(text, at) ?? [1, text.charAt(at)];
}

function lineBreakAt(text: string, at: number): readonly [number, string] | undefined {
  if (text.startsWith('\r\n', at)) return [2, '\n'];
  return text.charAt(at) === '\n' ? [1, '\n'] : undefined;
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

/** A line that is being read. */
class OpenLine {
  readonly #pieces: string[] = [''];
  #start: number | undefined;
  #end = 0;

  add(value: string, start: number, end: number): void {
    const last = this.#pieces.length - 1;
    this.#pieces[last] = `${this.#pieces[last] ?? ''}${value}`;
    if (value.trim() !== '') this.#cover(start, end);
  }

  addHole({ start, end }: Span): void {
    this.#pieces.push('');
    this.#cover(start, end);
  }

  /** Undefined where there is nothing but white space. */
  close(): StringLine | undefined {
    if (this.#start === undefined) return undefined;
    const last = this.#pieces.length - 1;
    this.#pieces[0] = (this.#pieces[0] ?? '').trimStart();
    this.#pieces[last] = (this.#pieces[last] ?? '').trimEnd();
    return { start: this.#start, end: this.#end, pieces: this.#pieces };
  }

  #cover(start: number, end: number): void {
    this.#start ??= start;
    this.#end = end;
  }
}
