import type { ScriptUse } from '../../model/judgement.ts';

/** So many places of one edge tell people enough. */
const mostPlaces = 5;

/** The places in scripts that show what edges and faults break, without repetition, the first ones first. */
export function scriptPlaces(
  edges: readonly { readonly scriptUses?: readonly ScriptUse[] }[],
): readonly ScriptUse[] {
  const places = new Map<string, ScriptUse>();
  for (const use of edges.flatMap(({ scriptUses = [] }) => scriptUses.slice(0, mostPlaces))) {
    const key = `${use.variable}\0${use.line}\0${use.text}`;
    if (!places.has(key)) places.set(key, use);
  }
  return [...places.values()];
}
