import { groupBy } from '../model/groupBy.ts';
import { decisiveCause, type AttributedLeak, type Report } from '../model/report.ts';
import { platformsOfLeak } from '../check/leaks.ts';
import type { Derivation, DerivationId } from '../model/derivation.ts';
import type { Observation } from '../model/observation.ts';
import { indexByDerivation } from '../attribution/findSource.ts';
import { isWithin, placeKey, type SourceRange } from '../model/location.ts';
import type { Steps } from '../model/slices.ts';
import type { NixParser } from '../syntax/parser.ts';
import { parseSourceInSteps, type SourceFile } from '../syntax/sourceFile.ts';
import { buildSetsFrom, usualBuildPackageSet, type BuildPackageSet } from './buildPackageSet.ts';
import type { Candidate, LeakPlace } from './repair.ts';
import { atBothEnds } from './bothEnds.ts';
import { ConsumerEnds } from './consumerEnd.ts';
import { rightSetsAt } from './rightSets.ts';
import { namedDefinitions } from './namedDefinitions.ts';
import { placeAt } from './placeAt.ts';
import { inOrder } from './purpose.ts';
import { repairs } from './repairs.ts';
import type { PlacedExpression } from '../attribution/placedExpression.ts';

/** Leaks that have one cause, and the edits that may repair it. */
export interface Proposal {
  readonly leaks: readonly AttributedLeak[];
  readonly candidates: readonly Candidate[];
}

export interface ProposalOptions {
  /** How the set of packages that run on the build platform is written; the usual name where it is left out. */
  readonly buildPackageSet?: BuildPackageSet;
}

/**
 * Proposes repairs for every cause of a report. Nothing is evaluated, and only
 * the files of origins and causes are parsed.
 */
export function* proposeFixes(
  report: Report,
  parser: NixParser,
  { buildPackageSet = usualBuildPackageSet }: ProposalOptions = {},
): Steps<Proposal[]> {
  const sources = yield* sourcesToBlame(report, parser);
  // A note, and what nobody's choice of a system is to blame for, or nobody in the workspace, need no repair.
  const wrong = report.leaks.filter(
    ({ severity, reason }) => severity !== 'info' && reason && reason.kind !== 'package-set',
  );
  const observedAs = yield* indexByDerivation(report.observations);
  const ends = new ConsumerEnds(report, parser, sources, observedAs);
  const proposals: Proposal[] = [];
  for (const leaks of groupBy(wrong, ({ cause }) => cause).values()) {
    yield;
    const [leak] = leaks;
    const [expected] = platformsOfLeak(leak).needs;
    if (!leak.reason || expected === undefined) continue;
    const cause = { ...decisiveCause(leak, report), ...leak.reason };
    const origin = leak.origins[0] && placeAt(leak.origins[0].source, sources);
    const causePlace = cause.source && placeAt(cause.source, sources);
    const context = {
      leaks,
      cause,
      expected,
      isCrossCompiled: leaks.some(({ edges }) =>
        edges.some((edge) => isCrossCompiled(report.graph.derivation(edge.consumer))),
      ),
      isOfBuildPlatform: leaks.every((leak) => isOfBuildPlatform(leak, report)),
      origins: yield* originsOf(leaks, sources),
      buildSets: buildSetsFrom(buildPackageSet),
      rightSets: origin ? rightSetsAt(origin, expected, report.observations) : [],
      places: yield* placesOf(leaks, observedRanges(leaks, observedAs), sources),
      ...(origin ? { origin } : {}),
      ...(causePlace ? { causePlace } : {}),
    };
    const proposed = repairs.flatMap((repair) => repair(context));
    const atEnds = yield* atBothEnds(proposed, context, report, ends);
    const candidates = inOrder(atEnds).map((candidate) => ({
      ...candidate,
      reads: namedDefinitions(candidate.edits, sources),
    }));
    if (candidates.length > 0) proposals.push({ leaks, candidates });
  }
  return proposals;
}

function* sourcesToBlame(report: Report, parser: NixParser): Steps<Map<string, SourceFile>> {
  const ranges = [
    ...report.leaks.flatMap(({ origins }) => origins.map(({ source }) => source)),
    ...report.causes.flatMap(({ source }) => source ?? []),
  ];
  const sources = new Map<string, SourceFile>();
  for (const { file } of ranges) {
    const text = report.sources.get(file);
    if (text === undefined || sources.has(file)) continue;
    sources.set(file, yield* parseSourceInSteps(file, text, parser));
    yield;
  }
  return sources;
}

function* originsOf(
  leaks: readonly AttributedLeak[],
  sources: ReadonlyMap<string, SourceFile>,
): Steps<PlacedExpression[]> {
  const ranges = leaks.flatMap(({ origins }) => origins[0]?.source ?? []);
  return (yield* placesAt(ranges, sources)).map(({ place }) => place);
}

/** The smallest expressions that cover ranges, of each range once. */
function* placesAt(
  ranges: readonly SourceRange[],
  sources: ReadonlyMap<string, SourceFile>,
): Steps<{ readonly range: SourceRange; readonly place: PlacedExpression }[]> {
  const places = [];
  for (const range of new Map(ranges.map((one) => [placeKey(one), one])).values()) {
    const place = placeAt(range, sources);
    if (place) places.push({ range, place });
    yield;
  }
  return places;
}

/** Where the consumers of leaks were seen to be made. */
function observedRanges(
  leaks: readonly AttributedLeak[],
  observedAs: ReadonlyMap<DerivationId, readonly Observation[]>,
): SourceRange[] {
  const consumers = new Set(leaks.flatMap(({ edges }) => edges.map(({ consumer }) => consumer)));
  return [...consumers].flatMap((id) => (observedAs.get(id) ?? []).map(({ source }) => source));
}

/** All places of the leaks, those within one of the ranges first. */
function* placesOf(
  leaks: readonly AttributedLeak[],
  ranges: readonly SourceRange[],
  sources: ReadonlyMap<string, SourceFile>,
): Steps<LeakPlace[]> {
  const all = leaks.flatMap(({ origins }) => origins.map(({ source }) => source));
  const outerOf = groupBy(ranges, ({ file }) => file);
  const places = (yield* placesAt(all, sources)).map(({ range, place }) => ({
    ...place,
    isInConsumer: (outerOf.get(range.file) ?? []).some((outer) => isWithin(range, outer)),
  }));
  return places.sort((one, other) => Number(other.isInConsumer) - Number(one.isInConsumer));
}

/** Is a leak wrong only in what is cross-compiled, and for the platform on which that is built? */
function isOfBuildPlatform({ edges, faults }: AttributedLeak, { graph }: Report): boolean {
  const isSo = edges.every(({ consumer, runsOn }) => {
    const derivation = graph.derivation(consumer);
    return isCrossCompiled(derivation) && derivation.system === runsOn;
  });
  return isSo && edges.length > 0 && faults.length === 0;
}

function isCrossCompiled({ host, system }: Derivation): boolean {
  return host.kind === 'system' && host.system !== system;
}
