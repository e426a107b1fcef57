import { comparePositions, placeKey, type SourceRange } from './location.ts';

/** What covers more lines than this is looked at one by one: such ranges are few. */
const mostLines = 64;

/** Do two ranges have something in common, or touch each other? */
export function overlap(one: SourceRange, other: SourceRange): boolean {
  return (
    one.file === other.file &&
    comparePositions(one.range.start, other.range.end) <= 0 &&
    comparePositions(other.range.start, one.range.end) <= 0
  );
}

/** Ranges of any number of files, among which those are found that {@link overlap} another one. */
export class RangeIndex {
  readonly #byLine = new Map<string, SourceRange[]>();
  readonly #long: SourceRange[] = [];
  readonly #known = new Map<string, SourceRange>();

  add(range: SourceRange): void {
    const key = placeKey(range);
    if (this.#known.has(key)) return;
    this.#known.set(key, range);
    const lines = linesOf(range);
    if (!lines) this.#long.push(range);
    for (const line of lines ?? []) {
      const there = this.#byLine.get(line);
      if (there) there.push(range);
      else this.#byLine.set(line, [range]);
    }
  }

  /** Is there a range that has something in common with this one, or touches it? */
  overlaps(range: SourceRange): boolean {
    const lines = linesOf(range);
    if (!lines) return [...this.#known.values()].some((other) => overlap(range, other));
    const isHit = (other: SourceRange): boolean => overlap(range, other);
    return this.#long.some(isHit) || lines.some((line) => this.#byLine.get(line)?.some(isHit) === true);
  }
}

/** Names the lines of a range; undefined where they are many. */
function linesOf({ file, range: { start, end } }: SourceRange): string[] | undefined {
  const count = end.line - start.line + 1;
  if (count > mostLines) return undefined;
  return Array.from({ length: count }, (_, index) => `${start.line + index} ${file}`);
}
