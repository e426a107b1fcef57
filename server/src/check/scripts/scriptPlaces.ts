import type { DerivationId } from '../../model/derivation.ts';
import type { CrossingEdge, ScriptUse } from '../../model/judgement.ts';

/** So many places of one edge tell people enough. */
const mostPlaces = 5;

/** A place in a script of this consumer. */
export interface ScriptPlace extends ScriptUse {
  /** Undefined where all of the edges have one consumer, of which everybody is told anyway. */
  readonly of?: DerivationId;
}

/** The places in scripts that show what edges break, without repetition, the first ones first. */
export function scriptPlaces(edges: readonly CrossingEdge[]): readonly ScriptPlace[] {
  const isOfSeveral = edges.some(({ consumer }) => consumer !== edges[0]?.consumer);
  const places = new Map<string, ScriptPlace>();
  for (const { consumer, scriptUses = [] } of edges) {
    for (const use of scriptUses.slice(0, mostPlaces)) {
      const key = `${use.variable}\0${use.line}\0${use.text}`;
      if (!places.has(key)) places.set(key, isOfSeveral ? { ...use, of: consumer } : use);
    }
  }
  return [...places.values()];
}
