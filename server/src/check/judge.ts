import type { DerivationGraph } from '../model/derivationGraph.ts';
import type { DerivationId } from '../model/derivation.ts';
import { groupBy } from '../model/groupBy.ts';
import type { CrossingEdge, DerivationFault, Judgement } from '../model/judgement.ts';
import { atOnce, perStep, type Steps } from '../model/slices.ts';
import type { System } from '../model/system.ts';
import type { EdgeEnds } from './bringsIn.ts';
import type { JudgementContext } from '../model/judgementContext.ts';
import { compatibilitiesOf } from './compatibilities.ts';
import { withData } from './excuses/dataPackages.ts';
import { isForeignTo } from './foreign.ts';
import { judgeLinked, judgeOtherSet } from './otherWordSize.ts';
import { crossHost } from './hostSystems.ts';
import { findLeaks } from './leaks.ts';
import { judgeEdge } from './rules.ts';
import { withHookTools } from './excuses/toolsAtHand.ts';
import { twinNote, type NamesProgramOf } from './excuses/twins.ts';

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
  /** Why an input does no harm where it breaks a rule, in a clause after "…, but"; undefined where it may. */
  readonly excuse?: (edge: CrossingEdge) => string | undefined;
  /** Does a builder name a program of an input? Left out: it is not known, and may be. */
  readonly namesProgramOf?: NamesProgramOf;
  /** What is wrong with derivations whoever uses them. */
  readonly faults?: readonly DerivationFault[];
}

/** Judges every edge of a closure and gathers those that cross into leaks. */
export function judgeClosure(
  graph: DerivationGraph,
  context: JudgementContext,
  circumstances?: Circumstances,
): Judgement {
  return atOnce(judgeInSteps(graph, context, circumstances));
}

/** The same, and yields now and then. */
export function* judgeInSteps(
  graph: DerivationGraph,
  context: JudgementContext,
  {
    furtherEdges = [],
    carryingEdges = [],
    isPortable = () => false,
    namesProgramOf = () => true,
    excuse = () => undefined,
    faults = [],
  }: Circumstances = {},
): Steps<Judgement> {
  const carrying = groupBy(carryingEdges, ({ input }) => input);
  const isCarried = ({ consumer, input, rule }: CrossingEdge): boolean =>
    rule === 'plain-reference' && carrying.get(input)?.some((edge) => edge.consumer === consumer) === true;
  const isPortableTool = ({ consumer, input, rule }: CrossingEdge): boolean =>
    rule === 'build-platform' && graph.system(input) === graph.system(consumer) && isPortable(input);
  const byRole: CrossingEdge[] = [];
  for (const edge of yield* findCrossingEdges(graph, context, namesProgramOf)) {
    // To tell whether something is portable, files may be read.
    if (!isCarried(edge) && !isPortableTool(edge)) byRole.push(noteWith(edge, excuse(edge)));
    yield;
  }
  const crossing = withFurtherEdges(byRole, furtherEdges);
  return {
    leaks: yield* findLeaks(graph, crossing, faults, isForeignTo(graph, context)),
    bySystem: yield* countBySystem(graph),
  };
}

function noteWith(edge: CrossingEdge, reason: string | undefined): CrossingEdge {
  if (reason === undefined) return edge;
  return { ...edge, severity: 'info', explanation: `${edge.explanation}, but ${reason}` };
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

function* findCrossingEdges(
  graph: DerivationGraph,
  context: JudgementContext,
  namesProgramOf: NamesProgramOf,
): Steps<CrossingEdge[]> {
  const compatibilities = compatibilitiesOf(context);
  const withTwin = twinNote(graph, compatibilities, namesProgramOf);
  const crossing: CrossingEdge[] = [];
  const target = crossHost(graph.derivation(graph.root));
  const isOfSamePlatform = yield* samePlatforms(graph);
  for (let id: DerivationId = 0; id < graph.size; id++) {
    if (id % perStep === 0) yield;
    // Roles are looked at only where an input is of another platform: that is rare.
    if (graph.inputIds(id).every((input) => isOfSamePlatform(id, input))) continue;
    const consumer = graph.derivation(id);
    for (const edge of graph.inputs(id)) {
      if (isOfSamePlatform(id, edge.input)) continue;
      const found =
        judgeEdge(consumer, edge, graph.derivation(edge.input), compatibilities) ??
        judgeLinked(consumer, edge, graph, compatibilities) ??
        judgeOtherSet(consumer, edge, graph, compatibilities, target);
      if (found === undefined) continue;
      const excused = withData(withTwin(found), graph);
      crossing.push(withHookTools(excused, graph));
    }
  }
  return crossing;
}

const builtin = -1;
const cross = -2;

/**
 * Tells of a consumer and its input whether both are native to one system and
 * make code for it, or the input is neutral there: no role can break a rule
 * then. Asked for every edge, so each derivation is looked at once, beforehand.
 */
function* samePlatforms(
  graph: DerivationGraph,
): Steps<(consumer: DerivationId, input: DerivationId) => boolean> {
  const numbers = new Map<System, number>();
  const numberOf = (system: System): number => {
    let number = numbers.get(system);
    if (number === undefined) numbers.set(system, (number = numbers.size));
    return number;
  };
  const given = new Int32Array(graph.size);
  const needed = new Int32Array(graph.size);
  for (let id: DerivationId = 0; id < graph.size; id++) {
    if (id % perStep === 0) yield;
    const derivation = graph.derivation(id);
    const { system, host, target } = derivation;
    const isNative = host.kind === 'neutral' || host.system === system;
    given[id] = derivation.builtin ? builtin : isNative ? numberOf(system) : cross;
    const isOneSystem = isNative && (target === undefined || target.system === system);
    needed[id] = isOneSystem ? numberOf(system) : cross;
  }
  return (consumer, input) =>
    given[input] === builtin || (given[input] !== cross && given[input] === needed[consumer]);
}

function* countBySystem(graph: DerivationGraph): Steps<Map<System, number>> {
  const counts = new Map<System, number>();
  for (let id = 0; id < graph.size; id++) {
    if (id % perStep === 0) yield;
    const { builtin, system } = graph.derivation(id);
    const key = builtin ? builtinSystem : system;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}
