import type { Span } from '../syntax/ast.ts';

/** What stands in the place of a stretch of a text. */
export interface Piece extends Span {
  readonly text: string;
}

export function piece({ start, end }: Span, text: string): Piece {
  return { start, end, text };
}

/** A stretch of a text with pieces of it replaced. */
export function splice(source: string, span: Span, pieces: readonly Piece[]): string {
  let text = '';
  let at = span.start;
  for (const { start, end, text: replacement } of [...pieces].sort((a, b) => a.start - b.start)) {
    text += source.slice(at, start) + replacement;
    at = end;
  }
  return text + source.slice(at, span.end);
}
