import { propagatedRoles } from '../check/excuses/toolsAtHand.ts';
import type { DerivationGraph } from '../model/derivationGraph.ts';
import type { DerivationId } from '../model/derivation.ts';
import type { Judgement } from '../model/judgement.ts';
import { comparePositions, type SourceRange } from '../model/location.ts';
import type { Observation } from '../model/observation.ts';

/** Does an input of a consumer stand in a list of the person's own files, within the consumer's definition? */
export type IsOwnInput = (consumer: DerivationId, input: DerivationId) => boolean;

/**
 * Told by what was observed: a list element, within an expression that is the consumer.
 *
 * @param observedAs the observations of each derivation
 */
export function ownInputs(observedAs: ReadonlyMap<DerivationId, readonly Observation[]>): IsOwnInput {
  const placesOf = (id: DerivationId): readonly Observation[] => observedAs.get(id) ?? [];
  return (consumer, input) =>
    placesOf(input).some(
      (element) =>
        element.form === 'list-element' &&
        placesOf(consumer).some(({ source }) => contains(source, element.source)),
    );
}

/** The same after a repair, where nothing is observed: what was told of before, by the names. */
export function ownInputsAsBefore(
  { leaks }: Judgement,
  before: DerivationGraph,
  after: DerivationGraph,
): IsOwnInput {
  const keyOf = (graph: DerivationGraph, consumer: DerivationId, input: DerivationId): string =>
    `${graph.derivation(consumer).name} ${graph.derivation(input).name}`;
  const told = new Set(
    leaks.flatMap(({ edges }) =>
      edges
        .filter(({ rule, severity, roles }) => {
          const isByHook = rule === 'build-script' && roles.every((role) => propagatedRoles.has(role));
          return (rule === 'misplaced-tool' || isByHook) && severity !== 'info';
        })
        .map(({ consumer, input }) => keyOf(before, consumer, input)),
    ),
  );
  return (consumer, input) => told.has(keyOf(after, consumer, input));
}

function contains(outer: SourceRange, inner: SourceRange): boolean {
  return (
    outer.file === inner.file &&
    comparePositions(outer.range.start, inner.range.start) < 0 &&
    comparePositions(inner.range.end, outer.range.end) < 0
  );
}
