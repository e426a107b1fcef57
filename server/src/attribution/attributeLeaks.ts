import { platformsOfLeak } from '../check/leaks.ts';
import type { DerivationGraph } from '../model/derivationGraph.ts';
import type { DerivationId } from '../model/derivation.ts';
import type { Leak, RuleId } from '../model/judgement.ts';
import type { SourceRange } from '../model/location.ts';
import type { Observation } from '../model/observation.ts';
import type { Origin, Report } from '../model/report.ts';
import type { Steps } from '../model/slices.ts';
import { calledIn } from '../syntax/descent.ts';
import { rangeIn } from '../syntax/sourceFile.ts';
import type { TracedCause } from './describeCause.ts';
import { EvidenceIndex, type Evidence } from './evidence.ts';
import { findFollowers } from './followers.ts';
import { findSource, type SoughtInput } from './findSource.ts';
import { gatherCauses, type TracedLeak } from './gatherCauses.ts';
import { withDefinition } from './optionDefinitions.ts';
import { explainOtherSet } from './otherSet.ts';
import { explainOutside } from './outsideCause.ts';
import { findScriptSource, originsOfScript } from './scriptSource.ts';
import { explainSplicing, isOfSplicing } from './splicing.ts';

/** Mistakes of a derivation, and not of whoever chose its system: nobody builds it here, its phases are wrong. */
const isOfItself: ReadonlySet<RuleId> = new Set(['no-builder', 'missing-compiler', 'own-program']);

/** Mistakes of what a script says, and not of the list of inputs in which something stands as well. */
const isOfScript: ReadonlySet<RuleId> = new Set([
  'build-script',
  'runtime-script',
  'missing-compiler',
  'own-program',
]);

/**
 * Names the source of each leak, and yields now and then: where its input comes from, why it has its
 * platform, and what leaves the closure when that cause is repaired.
 *
 * @param observedAs the observations of each derivation
 * @param isForeign tells which derivations are counted as brought in
 */
export function* attributeLeaks(
  leaks: readonly Leak[],
  graph: DerivationGraph,
  evidence: Evidence,
  observedAs: ReadonlyMap<DerivationId, readonly Observation[]>,
  isForeign: (id: DerivationId) => boolean,
): Steps<Pick<Report, 'leaks' | 'causes'>> {
  if (leaks.length === 0) return { leaks: [], causes: [] };
  const index = yield* EvidenceIndex.of(evidence);
  const traced: TracedLeak[] = [];
  for (const leak of leaks) {
    const { needs, runsOn } = platformsOfLeak(leak);
    const sought: SoughtInput = {
      input: leak.input,
      path: leak.path,
      expected: needs,
      // Of what is cross-compiled, where it is built may be right.
      wrong: [...new Set([graph.system(leak.input), ...runsOn])].filter((system) => !needs.includes(system)),
    };
    const isSpliced = isOfSplicing(leak, graph);
    // A native package among what outputs need was chosen wrongly, wherever it is used.
    const uses = isSpliced && leak.rule !== 'host-platform' ? rangesOfConsumers(leak, observedAs) : [];
    const script = isOfScript.has(leak.rule) ? yield* findScriptSource(leak, observedAs, index) : undefined;
    const { origins, cause } = yield* findSource(sought, graph, observedAs, index, { uses, script });
    if (leak.edges.length === 0 && isOfItself.has(leak.rule))
      traced.push({
        leak,
        origins: script ? originsOfScript(script) : origins.map((origin) => markedAtCall(origin, index)),
      });
    else if (isSpliced) {
      const found =
        explainOtherSet(leak, graph, origins[0], observedAs, index) ??
        explainSplicing(leak, graph, origins[0]) ??
        explainOutside(leak, graph, observedAs, origins[0], index);
      traced.push({ leak, origins, ...(found && { found }) });
    } else {
      const consumers = cause && (yield* findFollowers(leak, cause, graph, observedAs, index));
      const found =
        cause && (yield* explainFurther(cause, sought, leak, graph, origins[0], observedAs, index));
      traced.push({ leak, ...(consumers ?? { origins, ...(found && { found }) }) });
    }
  }
  return yield* gatherCauses(traced, graph, isForeign);
}

/** What more can be told of what chose a system: who gave an option its value, or from which set a package was taken. */
function* explainFurther(
  cause: TracedCause,
  { wrong }: SoughtInput,
  leak: Leak,
  graph: DerivationGraph,
  origin: Origin | undefined,
  observedAs: ReadonlyMap<DerivationId, readonly Observation[]>,
  index: EvidenceIndex,
): Steps<TracedCause> {
  switch (cause.kind) {
    case 'system-option':
      return yield* withDefinition(cause, wrong, index);
    case 'unknown':
      return explainOtherSet(leak, graph, origin, observedAs, index) ?? cause;
    default:
      return cause;
  }
}

/** Where the consumers of a leak were seen to be made. */
function rangesOfConsumers(
  { edges }: Leak,
  observedAs: ReadonlyMap<DerivationId, readonly Observation[]>,
): SourceRange[] {
  return edges.flatMap(({ consumer }) => (observedAs.get(consumer) ?? []).map(({ source }) => source));
}

/** Nobody looks for what is wrong within all lines of a `mkDerivation { … }`, so that an editor marks its function. */
function markedAtCall(origin: Origin, index: EvidenceIndex): Origin {
  const { start, end } = origin.source.range;
  const place = start.line === end.line ? undefined : index.placeOf(origin.source);
  return place ? { ...origin, marked: rangeIn(place.source, calledIn(place.expression)) } : origin;
}
