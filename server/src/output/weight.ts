import type { Finding } from '../check/findings.ts';
import { countOf } from './sentences.ts';

/** What leaves with it: `these 2 inputs bring in 22 foreign derivations`; undefined where that is nothing. */
export function weightOf({ leaks: { length: count }, bringsIn, othersOfCause }: Finding): string | undefined {
  if (bringsIn === 0) return undefined;
  const alsoThrough =
    othersOfCause > 0 ? `, with ${countOf(othersOfCause, 'other input')} of this cause,` : '';
  const inputs = count > 1 ? `these ${count} inputs${alsoThrough} bring` : `it${alsoThrough} brings`;
  return `${inputs} in ${countOf(bringsIn, 'foreign derivation')}`;
}
