import { comparePositions, type SourceRange } from '../../model/location.ts';

/** Longer stretches of text are few: they are all looked at. */
const mostLines = 50;

/** Stretches of text, so that those at a place are found without looking at all of them. */
export class PlaceIndex {
  readonly #byLine = new Map<string, SourceRange[]>();
  readonly #long: SourceRange[] = [];

  add(place: SourceRange): void {
    if (isLong(place)) this.#long.push(place);
    else
      for (const key of linesOf(place)) {
        const others = this.#byLine.get(key);
        if (others) others.push(place);
        else this.#byLine.set(key, [place]);
      }
  }

  /** Does one of them have something in common with a place, or touch it? */
  touches(place: SourceRange): boolean {
    if (this.#long.some((other) => overlap(place, other))) return true;
    if (isLong(place))
      return [...this.#byLine.values()].some((others) => others.some((other) => overlap(place, other)));
    for (const key of linesOf(place))
      if (this.#byLine.get(key)?.some((other) => overlap(place, other)) === true) return true;
    return false;
  }
}

function isLong({ range: { start, end } }: SourceRange): boolean {
  return end.line - start.line > mostLines;
}

function* linesOf({ file, range: { start, end } }: SourceRange): Generator<string> {
  for (let line = start.line; line <= end.line; line++) yield `${line} ${file}`;
}

/** Do two stretches of text have something in common, or touch each other? */
function overlap(one: SourceRange, other: SourceRange): boolean {
  return (
    one.file === other.file &&
    comparePositions(one.range.start, other.range.end) <= 0 &&
    comparePositions(other.range.start, one.range.end) <= 0
  );
}
