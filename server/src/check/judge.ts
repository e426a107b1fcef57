import type { DerivationGraph } from '../derivation/graph.ts';
import type { Derivation, DerivationId } from '../model/derivation.ts';
import { groupBy } from '../model/groupBy.ts';
import type { CrossingEdge, DerivationFault, Judgement } from '../model/judgement.ts';
import type { System } from '../model/system.ts';
import type { EdgeEnds } from './bringsIn.ts';
import type { JudgementContext } from './compatibilities.ts';
import { compatibilitiesOf } from './compatibilities.ts';
import { withData } from './excuses/dataPackages.ts';
import { isForeignTo } from './foreign.ts';
import { findLeaks } from './leaks.ts';
import { judgeEdge } from './rules.ts';
import { withHookTools } from './excuses/toolsAtHand.ts';
import { twinNote } from './excuses/twins.ts';

/** The key of {@link Judgement.bySystem} under which builtin builders are counted. */
const builtinSystem: System = 'builtin';

/** What was found out beside the edges of a closure, by whoever could look at more than its graph. */
export interface Circumstances {
  /** Edges that break a rule by more than their roles: by what scripts of their consumers do, by what an image is for. */
  readonly furtherEdges?: readonly CrossingEdge[];
  /**
   * Edges by which a consumer only carries its input to where it runs, such as
   * the layer of an image for another platform: no plain reference among them is wrong.
   */
  readonly carryingEdges?: readonly EdgeEnds[];
  /** Is it a text that runs wherever it is built? Asked of what would be no right tool otherwise. */
  readonly isPortable?: (input: DerivationId) => boolean;
  /** What is wrong with derivations whoever uses them. */
  readonly faults?: readonly DerivationFault[];
}

/** Judges every edge of a closure and gathers those that cross into leaks. */
export function judgeClosure(
  graph: DerivationGraph,
  context: JudgementContext,
  { furtherEdges = [], carryingEdges = [], isPortable = () => false, faults = [] }: Circumstances = {},
): Judgement {
  const carrying = groupBy(carryingEdges, ({ input }) => input);
  const isCarried = ({ consumer, input, rule }: CrossingEdge): boolean =>
    rule === 'plain-reference' && carrying.get(input)?.some((edge) => edge.consumer === consumer) === true;
  const isPortableTool = ({ consumer, input, rule }: CrossingEdge): boolean =>
    rule === 'build-platform' && graph.system(input) === graph.system(consumer) && isPortable(input);
  const byRole = findCrossingEdges(graph, context).filter(
    (edge) => !isCarried(edge) && !isPortableTool(edge),
  );
  const crossing = withFurtherEdges(byRole, furtherEdges);
  return {
    leaks: findLeaks(graph, crossing, faults, isForeignTo(graph, context)),
    bySystem: countBySystem(graph),
  };
}

/** An edge that its roles show to be wrong is told once, with what the scripts show of it. */
function withFurtherEdges(
  crossing: readonly CrossingEdge[],
  further: readonly CrossingEdge[],
): CrossingEdge[] {
  const keyOf = ({ consumer, input }: CrossingEdge): string => `${consumer} ${input}`;
  const wrong = new Set(crossing.filter(({ severity }) => severity !== 'info').map(keyOf));
  const usesByEdge = new Map(further.map((edge) => [keyOf(edge), edge.scriptUses]));
  return [
    ...crossing.map((edge) => {
      const scriptUses = wrong.has(keyOf(edge)) ? usesByEdge.get(keyOf(edge)) : undefined;
      return scriptUses ? { ...edge, scriptUses } : edge;
    }),
    ...further.filter((edge) => !wrong.has(keyOf(edge))),
  ];
}

function findCrossingEdges(graph: DerivationGraph, context: JudgementContext): CrossingEdge[] {
  const compatibilities = compatibilitiesOf(context);
  const withTwin = twinNote(graph, compatibilities);
  const crossing: CrossingEdge[] = [];
  for (let id: DerivationId = 0; id < graph.size; id++) {
    const consumer = graph.derivation(id);
    // Roles are looked at only where an input is of another platform: that is rare.
    if (graph.inputIds(id).every((input) => isOfSamePlatform(consumer, graph.derivation(input)))) continue;
    for (const edge of graph.inputs(id)) {
      const input = graph.derivation(edge.input);
      if (isOfSamePlatform(consumer, input)) continue;
      const found = judgeEdge(consumer, edge, input, compatibilities);
      if (found === undefined) continue;
      const excused = withData(withTwin(found), graph);
      crossing.push(withHookTools(excused, graph));
    }
  }
  return crossing;
}

/** Both are native to one system and make code for it, or the input is neutral there: no role can break a rule. */
function isOfSamePlatform(consumer: Derivation, input: Derivation): boolean {
  if (input.builtin) return true;
  const { system, target } = consumer;
  if (target !== undefined && target.system !== system) return false;
  return input.system === system && isNativeOrNeutral(input) && isNativeOrNeutral(consumer);
}

function isNativeOrNeutral({ host, system }: Derivation): boolean {
  return host.kind === 'neutral' || host.system === system;
}

function countBySystem(graph: DerivationGraph): Map<System, number> {
  const counts = new Map<System, number>();
  for (let id = 0; id < graph.size; id++) {
    const { builtin, system } = graph.derivation(id);
    const key = builtin ? builtinSystem : system;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}
