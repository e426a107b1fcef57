import type { Origin, Report } from '../model/report.ts';
import { platformsOfLeak } from '../check/leaks.ts';
import type { DerivationGraph } from '../model/derivationGraph.ts';
import type { DerivationId } from '../model/derivation.ts';
import type { Leak } from '../model/judgement.ts';
import { placeKey, type SourceRange } from '../model/location.ts';
import type { Observation, ObservedForm } from '../model/observation.ts';
import type { Steps } from '../model/slices.ts';
import type { System } from '../model/system.ts';
import { calledIn } from '../syntax/descent.ts';
import { rangeIn, textOf } from '../syntax/sourceFile.ts';
import { explainSplicing, isOfSplicing } from './splicing.ts';
import type { TracedCause } from './describeCause.ts';
import { EvidenceIndex, type Evidence } from './evidence.ts';
import { gatherCauses, type TracedLeak } from './gatherCauses.ts';
import { traceProvenance } from './provenance.ts';
import type { Provenance } from './walk.ts';
import type { PlacedExpression } from './placedExpression.ts';

/**
 * Names the source of each leak, and yields now and then: where its input comes from, why it has its
 * platform, and what leaves the closure when that cause is repaired.
 *
 * @param isForeign tells which derivations are counted as brought in
 */
export function* attributeLeaks(
  leaks: readonly Leak[],
  graph: DerivationGraph,
  evidence: Evidence,
  isForeign: (id: DerivationId) => boolean,
): Steps<Pick<Report, 'leaks' | 'causes'>> {
  if (leaks.length === 0) return { leaks: [], causes: [] };
  const index = yield* EvidenceIndex.of(evidence);
  const observedAs = indexByDerivation(evidence.observations);
  const traced: TracedLeak[] = [];
  for (const leak of leaks) {
    const { needs, runsOn } = platformsOfLeak(leak);
    const sought: SoughtInput = {
      input: leak.input,
      path: leak.path,
      expected: needs,
      wrong: [...new Set([graph.system(leak.input), ...runsOn])],
    };
    const { origins, cause } = yield* findSource(sought, graph, observedAs, index);
    // That nobody builds it here, or that it lacks a compiler, is no mistake of whoever chose its system.
    if (leak.edges.length === 0 && (leak.rule === 'no-builder' || leak.rule === 'missing-compiler'))
      traced.push({ leak, origins: origins.map((origin) => markedAtCall(origin, index)) });
    else {
      const found = isOfSplicing(leak, graph) ? explainSplicing(leak, graph, origins[0]) : cause;
      traced.push({ leak, origins, ...(found && { found }) });
    }
  }
  return yield* gatherCauses(traced, graph, isForeign);
}

export function indexByDerivation(observations: readonly Observation[]): Map<DerivationId, Observation[]> {
  const index = new Map<DerivationId, Observation[]>();
  for (const observation of observations) {
    for (const id of observation.derivations) {
      const list = index.get(id);
      if (list) list.push(observation);
      else index.set(id, [observation]);
    }
  }
  return index;
}

/** A derivation whose source is looked for. */
export interface SoughtInput {
  readonly input: DerivationId;
  /** From the root to it, both included. */
  readonly path: readonly DerivationId[];
  /** The systems that it should have, and those that it has instead. */
  readonly expected: readonly System[];
  readonly wrong: readonly System[];
}

/** The expressions that have a derivation as their value, and what chose their system. */
export function* findSource(
  { input, path, expected, wrong }: SoughtInput,
  graph: DerivationGraph,
  observedAs: ReadonlyMap<DerivationId, readonly Observation[]>,
  index: EvidenceIndex,
): Steps<{ origins: Origin[]; cause?: TracedCause }> {
  function* traceEach(places: readonly PlacedExpression[], id: DerivationId): Steps<Provenance[]> {
    const traced: Provenance[] = [];
    for (const place of places) {
      traced.push(traceProvenance(place, index, id, expected, wrong));
      yield;
    }
    return traced;
  }
  const direct = placesOf(usesFirst(observedAs.get(input) ?? []), index);
  if (direct.length > 0) {
    return originsOf(yield* traceEach(direct, input), direct);
  }
  // Nothing of the workspace is the input itself: name the nearest derivation above it that is observed.
  for (const id of [...path].reverse().slice(1)) {
    const places = placesOf(usesFirst(observedAs.get(id) ?? []), index);
    if (places.length === 0) continue;
    const { origins, cause } = originsOf(yield* traceEach(places, id), places);
    const through = graph.derivation(id).name;
    return {
      origins: origins.slice(0, 1).map((origin) => ({ ...origin, through })),
      ...(cause ? { cause } : {}),
    };
  }
  return { origins: [] };
}

/**
 * Where a value is used says more than where it is bound, and a function's
 * result says least: it may be right for every other caller.
 */
const rankOfForm: Readonly<Record<ObservedForm, number>> = {
  'list-element': 0,
  interpolation: 0,
  argument: 0,
  inherit: 0,
  binding: 1,
  result: 2,
};

function usesFirst(observations: readonly Observation[]): Observation[] {
  const rank = ({ form, derivations }: Observation): number =>
    rankOfForm[form] + (derivations.length > 1 ? 0.5 : 0);
  return [...observations].sort((a, b) => rank(a) - rank(b));
}

function placesOf(observations: readonly Observation[], index: EvidenceIndex): PlacedExpression[] {
  return observations.slice(0, mostPlaces).flatMap((observation) => index.placeOf(observation.source) ?? []);
}

/** Each is followed to its cause; a text in which one value has thousands of names must not keep everybody. */
const mostPlaces = 200;

/**
 * The place to repair first, then the other places of the same cause, then one
 * for each further cause: an input may come in twice. What has no cause that can
 * be told, while another place has, lies inside the package set.
 */
function originsOf(
  traced: readonly Provenance[],
  direct: readonly PlacedExpression[],
): { origins: Origin[]; cause?: TracedCause } {
  const named = traced.filter(({ cause }) => cause.kind !== 'unknown');
  const best = named.find(({ isThroughCaller }) => !isThroughCaller) ?? named[0] ?? traced[0];
  if (!best) return { origins: [] };
  const isOfCause = (index: number): boolean => {
    const cause = traced[index]?.cause;
    return cause?.kind === best.cause.kind && sameRange(cause.source, best.cause.source);
  };
  const related = direct.filter((_, index) => isOfCause(index));
  const others = named.filter(({ cause }) => !sameRange(cause.source, best.cause.source));
  const origins = new Map<string, Origin>();
  for (const { source, expression } of [
    innermost(best.origin, related),
    ...related,
    ...others.map(({ origin }) => origin),
  ]) {
    const range = rangeIn(source, expression);
    origins.set(placeKey(range), { source: range, text: textOf(source, expression) });
  }
  return { origins: [...origins.values()], cause: best.cause };
}

/** Nobody looks for what is wrong within all lines of a `mkDerivation { … }`, so that an editor marks its function. */
function markedAtCall(origin: Origin, index: EvidenceIndex): Origin {
  const { start, end } = origin.source.range;
  const place = start.line === end.line ? undefined : index.placeOf(origin.source);
  return place ? { ...origin, marked: rangeIn(place.source, calledIn(place.expression)) } : origin;
}

/** `lib.getBin mac.jq` is the same derivation as the `mac.jq` in it, which is the exact place. */
function innermost(origin: PlacedExpression, candidates: readonly PlacedExpression[]): PlacedExpression {
  return candidates.reduce(
    (best, { source, expression }) =>
      source === best.source &&
      best.expression.start <= expression.start &&
      expression.end <= best.expression.end
        ? { source, expression }
        : best,
    origin,
  );
}

function sameRange(one: SourceRange | undefined, other: SourceRange | undefined): boolean {
  return one && other ? placeKey(one) === placeKey(other) : one === other;
}
