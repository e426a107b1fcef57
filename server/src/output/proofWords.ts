import type { JsonFix } from './json.ts';

/** What the proof of a repair says, in a few words: `proven: 2 → 0 darwin-built`. */
export function proofWords({
  proven,
  partial,
  proof,
}: Pick<JsonFix, 'proven' | 'partial' | 'proof'>): string {
  if (!proven) return `not proven: ${proof}`;
  return partial ? `proven in part: ${proof}` : `proven: ${proof}`;
}
