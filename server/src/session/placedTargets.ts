import type { SourceRange } from '../model/location.ts';
import { rangeCarrier } from '../snapshot/rangeTracker.ts';
import type { TargetEntry } from '../snapshot/snapshot.ts';
import type { FoundTarget } from '../targets/search/found.ts';
import type { TargetPlace } from '../targets/search/placeOfTarget.ts';
import { listTargets, type NamedTarget } from './targetCatalogue.ts';

/**
 * All targets to choose from, with the texts to which their places refer: one
 * for each file, although files were read at several times.
 *
 * @param texts those to which the places of what was found refer
 * @param places where the named targets stand, by key; read last
 */
export function placedTargets(
  named: readonly NamedTarget[],
  found: readonly FoundTarget[],
  texts: ReadonlyMap<string, string>,
  places: ReadonlyMap<string, TargetPlace>,
): { readonly targets: TargetEntry[]; readonly texts: ReadonlyMap<string, string> } {
  const newest = new Map(texts);
  for (const { source, text } of places.values()) newest.set(source.file, text);
  const carriers = new Map<string, ReturnType<typeof rangeCarrier>>();
  const carry = (source: SourceRange): SourceRange | undefined => {
    const { file } = source;
    const [before, after] = [texts.get(file), newest.get(file)];
    if (before === undefined || after === undefined || before === after) return source;
    const carrier = carriers.get(file) ?? rangeCarrier(before, after);
    carriers.set(file, carrier);
    const range = carrier(source.range);
    return range && { file, range };
  };
  const current = found.map(({ source: old, ...target }): FoundTarget => {
    const source = old && carry(old);
    return { ...target, ...(source && { source }) };
  });
  const sources = new Map([...places].map(([key, { source }]) => [key, source]));
  return { targets: listTargets(named, current, sources), texts: newest };
}
