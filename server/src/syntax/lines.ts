import type { Position, Range } from '../model/location.ts';
import type { Span } from './ast.ts';

/** Converts between offsets and positions of one text; both count UTF-16 code units. */
export interface LineIndex {
  positionAt(offset: number): Position;
  offsetAt(position: Position): number;
  rangeOf(span: Span): Range;
}

/** Lines end at LF; a CR before it belongs to the line, as in LSP's positions it cannot be reached. */
export function indexLines(text: string): LineIndex {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);

  const positionAt = (offset: number): Position => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low, character: offset - (starts[low] ?? 0) };
  };
  return {
    positionAt,
    offsetAt({ line, character }) {
      const start = starts[line];
      if (start === undefined) return text.length;
      return Math.min(start + character, (starts[line + 1] ?? text.length + 1) - 1);
    },
    rangeOf: (span) => ({ start: positionAt(span.start), end: positionAt(span.end) }),
  };
}
