import type { DerivationGraph } from '../model/derivationGraph.ts';
import type { DerivationId } from '../model/derivation.ts';
import type { Leak } from '../model/judgement.ts';
import type { Observation } from '../model/observation.ts';
import type { Origin } from '../model/report.ts';
import type { TracedCause } from './describeCause.ts';

/**
 * The cause of a leak whose input and whose consumers were seen at no expression
 * of the workspace: a package of some set uses it wrongly. Undefined where one
 * was seen, or where nothing was seen at all.
 *
 * @param origin where it comes in
 */
export function explainOutside(
  { input, edges }: Leak,
  graph: DerivationGraph,
  observedAs: ReadonlyMap<DerivationId, readonly Observation[]>,
  origin: Origin | undefined,
): TracedCause | undefined {
  const consumers = [...new Set(edges.map(({ consumer }) => consumer))];
  const [first, ...others] = consumers;
  if (first === undefined || (origin && origin.through === undefined) || observedAs.size === 0)
    return undefined;
  if (observedAs.has(input) || consumers.some((id) => observedAs.has(id))) return undefined;
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
