import type { DerivationGraph } from '../model/derivationGraph.ts';
import type { DerivationId } from '../model/derivation.ts';
import type { Leak } from '../model/judgement.ts';
import type { Observation } from '../model/observation.ts';
import type { Origin } from '../model/report.ts';
import { unwrap, type Expression } from '../syntax/ast.ts';
import type { TracedCause } from './describeCause.ts';
import type { EvidenceIndex } from './evidence.ts';

/**
 * The cause of a leak whose input was seen at no expression of the workspace,
 * and none of whose consumers is made by one: a package of some set uses it
 * wrongly. Undefined where that is not so, or where nothing was seen at all.
 *
 * @param origin where it comes in
 */
export function explainOutside(
  { input, edges }: Leak,
  graph: DerivationGraph,
  observedAs: ReadonlyMap<DerivationId, readonly Observation[]>,
  origin: Origin | undefined,
  index: EvidenceIndex,
): TracedCause | undefined {
  const consumers = [...new Set(edges.map(({ consumer }) => consumer))];
  const [first, ...others] = consumers;
  if (first === undefined || (origin && origin.through === undefined) || observedAs.size === 0)
    return undefined;
  const isTaken = ({ source }: Observation): boolean => {
    const place = index.placeOf(source);
    return place !== undefined && isSelected(unwrap(place.expression));
  };
  if (observedAs.has(input) || !consumers.every((id) => (observedAs.get(id) ?? []).every(isTaken)))
    return undefined;
  const { name } = graph.derivation(first);
  const who =
    others.length === 0
      ? `${name}, which uses it, is a package`
      : `${name} and ${others.length} more, which use it, are packages`;
  return {
    kind: 'package-set',
    message: `${who} of nixpkgs, or of another set outside of the workspace, to be mended there.`,
    steps: [],
  };
}

/** A package that is only taken from a set: what is called may make another one of it. */
function isSelected({ kind }: Expression): boolean {
  return kind === 'select' || kind === 'variable';
}
