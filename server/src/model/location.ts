/** A place in a text: line and UTF-16 column, both from zero, as in LSP. */
export interface Position {
  readonly line: number;
  readonly character: number;
}

/** A half-open stretch of a text. */
export interface Range {
  readonly start: Position;
  readonly end: Position;
}

/** A stretch of a file that is named by its absolute path. */
export interface SourceRange {
  readonly file: string;
  readonly range: Range;
}

/** The same for equal places, and for them only. */
export function placeKey({ file, range: { start, end } }: SourceRange): string {
  return `${file}:${start.line}:${start.character}-${end.line}:${end.character}`;
}

/** Negative where the first one comes before the second. */
export function comparePositions(one: Position, other: Position): number {
  return one.line - other.line || one.character - other.character;
}

/** Does a stretch of a file lie in another one of the same file, and is not all of it? */
export function isWithin(inner: SourceRange, outer: SourceRange): boolean {
  return (
    inner.file === outer.file &&
    placeKey(inner) !== placeKey(outer) &&
    comparePositions(outer.range.start, inner.range.start) <= 0 &&
    comparePositions(inner.range.end, outer.range.end) <= 0
  );
}
