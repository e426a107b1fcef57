import type { PlacedExpression } from '../../attribution/placedExpression.ts';
import type { LeakPlace } from '../repair.ts';
import { atDefinitions } from './atDefinition.ts';
import { usesInOneText } from './usesInOneText.ts';

/** So many places are tried one by one. */
const mostPlaces = 6;

/**
 * Which of the places of a leak are worth editing together, the likeliest
 * first: those in the consumers, by what gives them their values where nothing
 * else does have it from there; each one with all that is the same in its text;
 * and each one alone.
 */
export function placeGroups(places: readonly LeakPlace[]): PlacedExpression[][] {
  const inConsumers = places.filter(({ isInConsumer }) => isInConsumer);
  const defined = inConsumers.length > 0 ? atDefinitions(inConsumers) : undefined;
  const single = places.slice(0, mostPlaces).map((place) => [place]);
  const groups = [...(defined ? [defined] : []), ...(inConsumers.length > 1 ? [inConsumers] : []), ...single];
  const whole = groups.map((group) => group.flatMap(usesInOneText));
  return distinct([...whole, ...single]);
}

function distinct(groups: readonly (readonly PlacedExpression[])[]): PlacedExpression[][] {
  const keyOf = ({ source, expression }: PlacedExpression): string =>
    `${source.file} ${expression.start} ${expression.end}`;
  const once = groups.map((group) => [...new Map(group.map((place) => [keyOf(place), place])).values()]);
  return [...new Map(once.map((group) => [group.map(keyOf).sort().join(), group])).values()];
}
