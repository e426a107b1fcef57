import { leadingCount } from '../model/leadingCount.ts';
import type { Position, Range } from '../model/location.ts';
import type { Span } from './ast.ts';

/** Converts between offsets and positions of one text; both count UTF-16 code units. */
export interface LineIndex {
  positionAt(offset: number): Position;
  /** A position behind the end of its line is that end, one behind the last line the text's end. */
  offsetAt(position: Position): number;
  rangeOf(span: Span): Range;
  /**
   * The index of the text after one edit, made without reading the rest of it.
   *
   * @param span what was replaced
   * @param after the text that came of it
   */
  edited(span: Span, after: string): LineIndex;
}

/** Lines end as in LSP (specification, "Text Documents"): at LF, CR or both. */
export function indexLines(text: string): LineIndex {
  const starts = [0];
  for (const { 0: end, index } of text.matchAll(/\r\n?|\n/g)) starts.push(index + end.length);
  return new Lines(text, Uint32Array.from(starts));
}

class Lines implements LineIndex {
  readonly #text: string;
  readonly #starts: Uint32Array;

  constructor(text: string, starts: Uint32Array) {
    this.#text = text;
    this.#starts = starts;
  }

  positionAt(offset: number): Position {
    const line = this.#startsUpTo(offset) - 1;
    return { line, character: offset - (this.#starts[line] ?? 0) };
  }

  offsetAt({ line, character }: Position): number {
    const start = this.#starts[line];
    if (start === undefined) return this.#text.length;
    const next = this.#starts[line + 1];
    if (next === undefined) return Math.min(start + character, this.#text.length);
    const end = this.#text.startsWith('\r\n', next - 2) ? next - 2 : next - 1;
    return Math.min(start + character, Math.max(start, end));
  }

  rangeOf(span: Span): Range {
    return { start: this.positionAt(span.start), end: this.positionAt(span.end) };
  }

  edited({ start, end }: Span, after: string): Lines {
    const shift = after.length - this.#text.length;
    // Whether a line starts somewhere depends on the characters on both sides of that place.
    const before = this.#starts.subarray(0, Math.max(1, this.#startsUpTo(start - 1)));
    const behind = this.#starts.subarray(this.#startsUpTo(end));
    const between: number[] = [];
    for (let at = Math.max(1, start); at <= end + shift; at++) if (startsLine(after, at)) between.push(at);
    const starts = new Uint32Array(before.length + between.length + behind.length);
    starts.set(before);
    starts.set(between, before.length);
    for (let line = 0, to = before.length + between.length; line < behind.length; line++, to++)
      starts[to] = (behind[line] ?? 0) + shift;
    return new Lines(after, starts);
  }

  /** How many lines start at an offset or before it. */
  #startsUpTo(offset: number): number {
    return leadingCount(this.#starts, (start) => start <= offset);
  }
}

function startsLine(text: string, at: number): boolean {
  const last = text.charCodeAt(at - 1);
  return last === lineFeed || (last === carriageReturn && text.charCodeAt(at) !== lineFeed);
}

const lineFeed = 10;
const carriageReturn = 13;
