/**
 * How many elements at the front have a property that no element behind them
 * has: a binary search, which looks at few of them.
 */
export function leadingCount<Element>(
  elements: ArrayLike<Element>,
  has: (element: Element) => boolean,
): number {
  let low = 0;
  let high = elements.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const element = elements[middle];
    if (element !== undefined && has(element)) low = middle + 1;
    else high = middle;
  }
  return low;
}
