import type { JudgementContext } from '../model/judgementContext.ts';
import { isForeignTo } from '../check/foreign.ts';
import { suppressedIn, type SuppressedLeak } from '../check/policy.ts';
import type { AttributedLeak, CauseId, Report } from '../model/report.ts';
import { pathsFromRoot } from '../check/shortestPaths.ts';
import type { DerivationId } from '../model/derivation.ts';
import { groupBy } from '../model/groupBy.ts';
import type { CrossingEdge } from '../model/judgement.ts';
import { leadingCount } from '../model/leadingCount.ts';
import { comparePositions, type Position, type SourceRange } from '../model/location.ts';
import type { Observation } from '../model/observation.ts';
import { perStep, type Steps } from '../model/slices.ts';
import type { System } from '../model/system.ts';
import { oncePerReport } from './oncePerReport.ts';

/** What features look up in a report again and again. */
export interface ReportIndex {
  observationsIn(file: string): readonly Observation[];
  /** Those of them that end within a range, its ends included. */
  observationsEndingIn(place: SourceRange): readonly Observation[];
  /** Expressions of the workspace that have this derivation as their value. */
  observationsOf(id: DerivationId): readonly Observation[];
  leakOf(input: DerivationId): AttributedLeak | undefined;
  /** What the source allows of it. */
  suppressedOf(input: DerivationId): SuppressedLeak | undefined;
  /** How many leaks have this cause. */
  leaksOfCause(cause: CauseId): number;
  crossing(consumer: DerivationId, input: DerivationId): CrossingEdge | undefined;
  /** True where no machine that builds or runs the root can build this derivation. */
  isForeign(id: DerivationId): boolean;
  readonly foreignCount: number;
  /** Build platforms of the foreign derivations. */
  readonly foreignSystems: ReadonlySet<System>;
  /** One shortest path from the root, both included. */
  pathTo(id: DerivationId): readonly DerivationId[];
}

/** The index of a report; made once for each. */
export const indexOf = oncePerReport(makeIndex);

function* makeIndex(report: Report): Steps<ReportIndex> {
  const { graph, leaks, observations } = report;
  const byFile = new Map<string, Observation[]>();
  const byDerivation = new Map<DerivationId, Observation[]>();
  for (const [place, observation] of observations.entries()) {
    if (place % perStep === 0) yield;
    add(byFile, observation.source.file, observation);
    for (const id of observation.derivations) add(byDerivation, id, observation);
  }
  const byEnd = new Map<string, readonly Observation[]>();
  const inOrderOfEnds = (file: string): readonly Observation[] => {
    let sorted = byEnd.get(file);
    if (!sorted) {
      sorted = [...(byFile.get(file) ?? [])].sort((one, other) => comparePositions(endOf(one), endOf(other)));
      byEnd.set(file, sorted);
    }
    return sorted;
  };
  const leakByInput = new Map(leaks.map((leak) => [leak.input, leak]));
  const suppressedByInput = new Map(suppressedIn(report).map((one) => [one.leak.input, one]));
  const byCause = groupBy(leaks, ({ cause }) => cause);
  const isForeign = isForeignTo(graph, contextOf(report));
  const paths = yield* pathsFromRoot(graph);
  const foreignSystems = new Set<System>();
  let foreignCount = 0;
  for (let id = 0; id < graph.size; id++) {
    if (id % perStep === 0) yield;
    if (!isForeign(id)) continue;
    foreignCount += 1;
    foreignSystems.add(graph.system(id));
  }
  const crossingOf = new Map<DerivationId, ReadonlyMap<DerivationId, CrossingEdge>>();
  const crossingTo = (input: DerivationId): ReadonlyMap<DerivationId, CrossingEdge> => {
    const edges = crossingOf.get(input) ?? firstByConsumer(leakByInput.get(input)?.edges ?? []);
    crossingOf.set(input, edges);
    return edges;
  };
  return {
    observationsIn: (file) => byFile.get(file) ?? [],
    observationsEndingIn: ({ file, range }) => {
      const sorted = inOrderOfEnds(file);
      const first = leadingCount(sorted, (one) => comparePositions(endOf(one), range.start) < 0);
      const behind = leadingCount(sorted, (one) => comparePositions(endOf(one), range.end) <= 0);
      return sorted.slice(first, behind);
    },
    observationsOf: (id) => byDerivation.get(id) ?? [],
    leakOf: (input) => leakByInput.get(input),
    suppressedOf: (input) => suppressedByInput.get(input),
    leaksOfCause: (cause) => byCause.get(cause)?.length ?? 0,
    crossing: (consumer, input) => crossingTo(input).get(consumer),
    isForeign,
    foreignCount,
    foreignSystems,
    pathTo: (id) => paths.to(id),
  };
}

function firstByConsumer(edges: readonly CrossingEdge[]): ReadonlyMap<DerivationId, CrossingEdge> {
  const byConsumer = new Map<DerivationId, CrossingEdge>();
  for (const edge of edges) if (!byConsumer.has(edge.consumer)) byConsumer.set(edge.consumer, edge);
  return byConsumer;
}

/** What this machine can run besides its own system, where the run noted it. */
function contextOf({ context, evaluatedAs }: Report): JudgementContext {
  return context ?? { localSystem: evaluatedAs, extraPlatforms: [] };
}

function add<Key>(groups: Map<Key, Observation[]>, key: Key, observation: Observation): void {
  const group = groups.get(key);
  if (group) group.push(observation);
  else groups.set(key, [observation]);
}

function endOf({ source }: Observation): Position {
  return source.range.end;
}
