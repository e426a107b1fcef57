import { comparePositions, type Range } from '../../model/location.ts';
import type { SourceEdit } from '../fix.ts';

type Place = Omit<SourceEdit, 'newText'>;

/** The places that are edited already, so that whether another one touches them is found without looking at all of them. */
export class TakenPlaces {
  /** By file, in the order of the text; none lies within another one. */
  readonly #byFile = new Map<string, Range[]>();

  /** Does a place have something in common with one that is taken, or touch it? */
  touches({ file, range }: Place): boolean {
    const taken = this.#byFile.get(file) ?? [];
    const last = taken[behind(taken, range.end) - 1];
    return last !== undefined && comparePositions(range.start, last.end) <= 0;
  }

  /** Takes places, none of which may lie within one that is taken. */
  take(places: readonly Place[]): void {
    for (const { file, range } of places) {
      const taken = this.#byFile.get(file) ?? [];
      this.#byFile.set(file, taken);
      taken.splice(behind(taken, range.start), 0, range);
    }
  }
}

/** How many of some ranges begin at a position or before it. */
function behind(ranges: readonly Range[], position: Range['start']): number {
  let [low, high] = [0, ranges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const range = ranges[middle];
    if (range && comparePositions(range.start, position) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
