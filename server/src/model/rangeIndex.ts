import { leadingCount } from './leadingCount.ts';
import { comparePositions, type Range, type SourceRange } from './location.ts';

/** Do two ranges have something in common, or touch each other? */
export function overlap(one: SourceRange, other: SourceRange): boolean {
  return (
    one.file === other.file &&
    comparePositions(one.range.start, other.range.end) <= 0 &&
    comparePositions(other.range.start, one.range.end) <= 0
  );
}

/**
 * Tells whether a range {@link overlap}s one of any number of others. Of each
 * file it keeps what these cover together: stretches in order, of which no two
 * touch each other.
 */
export class RangeIndex {
  readonly #covered = new Map<string, Range[]>();

  add({ file, range }: SourceRange): void {
    const stretches = this.#covered.get(file) ?? [];
    this.#covered.set(file, stretches);
    const first = countBefore(range, stretches);
    let covered = range;
    let behind = first;
    // Those that it meets become one with it, so that each is met once.
    for (let met = stretches[first]; met && begins(met, range); met = stretches[behind]) {
      covered = joined(covered, met);
      behind++;
    }
    stretches.splice(first, behind - first, covered);
  }

  /** Is there a range that has something in common with this one, or touches it? */
  overlaps({ file, range }: SourceRange): boolean {
    const stretches = this.#covered.get(file) ?? [];
    const next = stretches[countBefore(range, stretches)];
    return next !== undefined && begins(next, range);
  }
}

/** How many stretches end before a range starts. */
function countBefore({ start }: Range, stretches: readonly Range[]): number {
  return leadingCount(stretches, ({ end }) => comparePositions(end, start) < 0);
}

/** Does a stretch start before a range ends, or where it ends? */
function begins({ start }: Range, { end }: Range): boolean {
  return comparePositions(start, end) <= 0;
}

/** What two ranges cover together that meet each other. */
function joined(one: Range, other: Range): Range {
  return {
    start: comparePositions(one.start, other.start) < 0 ? one.start : other.start,
    end: comparePositions(one.end, other.end) > 0 ? one.end : other.end,
  };
}
