import type { Origin } from '../model/report.ts';
import type { DerivationGraph } from '../model/derivationGraph.ts';
import type { DerivationId } from '../model/derivation.ts';
import { isWithin, placeKey, type SourceRange } from '../model/location.ts';
import type { Observation, ObservedForm } from '../model/observation.ts';
import { perStep, type Steps } from '../model/slices.ts';
import type { System } from '../model/system.ts';
import { rangeIn, textOf } from '../syntax/sourceFile.ts';
import type { TracedCause } from './describeCause.ts';
import type { EvidenceIndex } from './evidence.ts';
import { isOutputOfSystem } from './outputsOfSystems.ts';
import { traceProvenance } from './provenance.ts';
import { originsOfScript, type ScriptSource } from './scriptSource.ts';
import { scriptUsesFirst } from './scriptUsesFirst.ts';
import type { Provenance } from './walk.ts';
import type { PlacedExpression } from './placedExpression.ts';

/** The observations of each derivation. Yields now and then. */
export function* indexByDerivation(
  observations: readonly Observation[],
): Steps<Map<DerivationId, Observation[]>> {
  const index = new Map<DerivationId, Observation[]>();
  const made = new Map<DerivationId, Observation[]>();
  const add = (to: Map<DerivationId, Observation[]>, id: DerivationId, observation: Observation): void => {
    const list = to.get(id);
    if (list) list.push(observation);
    else to.set(id, [observation]);
  };
  for (const [place, observation] of observations.entries()) {
    if (place % perStep === 0) yield;
    for (const id of observation.derivations) add(index, id, observation);
    for (const id of observation.made ?? []) add(made, id, observation);
  }
  // What a package set made of a package of the workspace comes in where that does.
  for (const [id, list] of made) if (!index.has(id)) index.set(id, list);
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

/** How a derivation is used wrongly. */
export interface WrongUses {
  /** Where a derivation is used wrongly, if that is what is wrong, and not the derivation. */
  readonly uses: readonly SourceRange[];
  /** Where scripts are that use it so, if it is they. */
  readonly script: ScriptSource | undefined;
}

/**
 * The expressions that have a derivation as their value, and what chose their system.
 */
export function* findSource(
  { input, path, expected, wrong }: SoughtInput,
  graph: DerivationGraph,
  observedAs: ReadonlyMap<DerivationId, readonly Observation[]>,
  index: EvidenceIndex,
  { uses = [], script }: Partial<WrongUses> = {},
): Steps<{ origins: Origin[]; cause?: TracedCause }> {
  function* traceEach(places: readonly PlacedExpression[], id: DerivationId): Steps<Provenance[]> {
    const traced: Provenance[] = [];
    for (const place of places) {
      traced.push(traceProvenance(place, index, id, expected, wrong));
      yield;
    }
    return traced;
  }
  const seen = placesOf(usesFirst(observedAs.get(input) ?? []), index);
  const direct = script ? scriptUsesFirst(seen, script) : seen;
  if (direct.length > 0) {
    return originsOf(yield* traceEach(direct, input), direct, uses);
  }
  // Nothing of the workspace is the input itself: name the nearest derivation above it that is observed.
  for (const id of [...path].reverse().slice(1)) {
    const places = placesOf(usesFirst(observedAs.get(id) ?? []), index);
    if (places.length === 0) continue;
    const { origins, cause } = originsOf(yield* traceEach(places, id), places);
    if (script) return { origins: originsOfScript(script), ...(cause ? { cause } : {}) };
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
  uses: readonly SourceRange[] = [],
): { origins: Origin[]; cause?: TracedCause } {
  const known = traced.filter(({ cause }) => cause.kind !== 'unknown');
  // What a flake has for a system is right by its name: whoever takes it from there chose the system.
  const choosing = known.filter(({ origin }) => !isOutputOfSystem(origin));
  const named = choosing.length > 0 ? choosing : known;
  const first = named.find(({ isThroughCaller }) => !isThroughCaller) ?? named[0] ?? traced[0];
  const best = first && (wrongUse(first, traced, direct, uses) ?? first);
  if (!best) return { origins: [] };
  const isOfCause = (index: number): boolean => {
    const cause = traced[index]?.cause;
    return cause?.kind === best.cause.kind && sameRange(cause.source, best.cause.source);
  };
  const related = direct.filter((_, index) => isOfCause(index));
  const others = known.filter(({ cause }) => !sameRange(cause.source, best.cause.source));
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

/**
 * The use in one of the consumers' own expressions, where no name leads from it
 * to the place that was found: an option's value, such as `cfg.package`, is
 * right where the option is set, and wrong where it is used.
 */
function wrongUse(
  { origin }: Provenance,
  traced: readonly Provenance[],
  direct: readonly PlacedExpression[],
  uses: readonly SourceRange[],
): Provenance | undefined {
  const isUsed = ({ source, expression }: PlacedExpression): boolean =>
    uses.some((use) => isWithin(rangeIn(source, expression), use));
  if (isUsed(origin)) return undefined;
  const inConsumers = traced.filter((_, index) => direct[index] && isUsed(direct[index]));
  // Where a name leads from some use to that place, it is the expression that they share.
  return inConsumers.every((use) => isUsed(use.origin)) ? inConsumers[0] : undefined;
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
