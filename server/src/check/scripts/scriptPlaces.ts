import type { DerivationId } from '../../model/derivation.ts';
import type { ScriptUse } from '../../model/judgement.ts';

/** So many places of one edge tell people enough. */
const mostPlaces = 5;

/** A place in a script of this consumer. */
export interface ScriptPlace extends ScriptUse {
  /** Undefined where all of the edges have one consumer, of which everybody is told anyway. */
  readonly of?: DerivationId;
}

/** What breaks, and the places in scripts that show it; of a consumer, where an edge breaks. */
interface Broken {
  readonly consumer?: DerivationId;
  readonly scriptUses?: readonly ScriptUse[];
}

/** The places in scripts that show what edges and faults break, without repetition, the first ones first. */
export function scriptPlaces(broken: readonly Broken[]): readonly ScriptPlace[] {
  const isOfSeveral = broken.some(({ consumer }) => consumer !== broken[0]?.consumer);
  const places = new Map<string, ScriptPlace>();
  for (const { consumer, scriptUses = [] } of broken) {
    for (const use of scriptUses.slice(0, mostPlaces)) {
      const key = `${use.variable}\0${use.line}\0${use.text}`;
      if (!places.has(key))
        places.set(key, isOfSeveral && consumer !== undefined ? { ...use, of: consumer } : use);
    }
  }
  return [...places.values()];
}
