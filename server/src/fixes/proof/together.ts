/** What trying some items together showed. */
export interface Shown<Verdict> {
  /** Of each item, in their order; undefined where it was not to be seen, since something went wrong. */
  readonly verdicts: readonly (Verdict | undefined)[];
  /** Which items are likely to be what went wrong, by their indices. */
  readonly suspects: readonly number[];
}

/**
 * Tries items together, and apart where something goes wrong: without those
 * that are likely to be it, else in halves.
 *
 * @param attempt has to give a verdict for an item that is tried alone
 * @param signal when it is aborted, nothing more is tried: what was not shown until then has no verdict
 */
export async function tryTogether<Item, Verdict>(
  items: readonly Item[],
  attempt: (items: readonly Item[]) => Promise<Shown<Verdict>>,
  signal: AbortSignal,
): Promise<Map<Item, Verdict>> {
  const found = new Map<Item, Verdict>();
  const open: (readonly Item[])[] = items.length > 0 ? [items] : [];
  for (let batch = open.shift(); batch; batch = open.shift()) {
    if (signal.aborted) return found;
    const { verdicts, suspects } = await attempt(batch);
    const left: Item[] = [];
    for (const [index, item] of batch.entries()) {
      const verdict = verdicts[index];
      if (verdict === undefined) left.push(item);
      else found.set(item, verdict);
    }
    if (left.length === 0 || batch.length === 1) continue;
    const suspected = new Set(suspects.map((index) => batch[index]));
    const innocent = left.filter((item) => !suspected.has(item));
    if (left.length < batch.length) open.push(left);
    else if (innocent.length > 0 && innocent.length < left.length)
      open.push(innocent, ...left.filter((item) => suspected.has(item)).map((item) => [item]));
    else {
      const half = Math.ceil(left.length / 2);
      open.push(left.slice(0, half), left.slice(half));
    }
  }
  return found;
}
