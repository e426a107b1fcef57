import type { Steps } from './slices.ts';

/** After how many comparisons others may have their turn: names are compared by the rules of languages, which is slow. */
const comparisonsOfStep = 100;

/** The elements in order, equal ones as they came, as `toSorted` gives them; in steps. */
export function* sortInSteps<Element>(
  elements: readonly Element[],
  compare: (one: Element, other: Element) => number,
): Steps<Element[]> {
  let compared = 0;
  /** Sorts those from `start` to before `end`. */
  function* sorted(start: number, end: number): Steps<Element[]> {
    if (end - start < 2) return elements.slice(start, end);
    const middle = (start + end) >> 1;
    const front = yield* sorted(start, middle);
    const back = yield* sorted(middle, end);
    const merged: Element[] = [];
    let next = 0;
    for (const element of front) {
      for (let other = back[next]; other !== undefined && compare(other, element) < 0; other = back[next]) {
        if (++compared % comparisonsOfStep === 0) yield;
        merged.push(other);
        next++;
      }
      if (++compared % comparisonsOfStep === 0) yield;
      merged.push(element);
    }
    return merged.concat(back.slice(next));
  }
  return yield* sorted(0, elements.length);
}
