import { hostOrBuild, platformsOf } from '../check/hostSystems.ts';
import type { DerivationGraph } from '../model/derivationGraph.ts';
import type { DerivationId } from '../model/derivation.ts';
import type { Leak } from '../model/judgement.ts';
import type { Observation } from '../model/observation.ts';
import type { Origin } from '../model/report.ts';
import type { System } from '../model/system.ts';
import { unwrap, type Expression, type Span } from '../syntax/ast.ts';
import { calledIn } from '../syntax/descent.ts';
import { resolveVariable } from '../syntax/scopes.ts';
import { expressionAt, rangeIn, textOf, type SourceFile } from '../syntax/sourceFile.ts';
import { describeSpan, type TracedCause } from './describeCause.ts';
import type { EvidenceIndex } from './evidence.ts';
import type { PlacedExpression } from './placedExpression.ts';

/**
 * The cause of a leak whose input runs on none of its consumers' platforms: it
 * was taken from a package set for elsewhere, such as `pkgsCross.raspberryPi`,
 * `pkgsi686Linux`, or one that some function made. Undefined where that is not
 * so, or where the set was not seen.
 */
export function explainOtherSet(
  { input, edges, faults }: Leak,
  graph: DerivationGraph,
  origin: Origin | undefined,
  observedAs: ReadonlyMap<DerivationId, readonly Observation[]>,
  index: EvidenceIndex,
): TracedCause | undefined {
  const [first] = edges;
  const place = origin && origin.through === undefined ? index.placeOf(origin.source) : undefined;
  if (!first || !place || faults.length > 0) return undefined;
  const isOfConsumers = edges.some(({ consumer, runsOn }) => {
    const derivation = graph.derivation(consumer);
    return [derivation.system, hostOrBuild(derivation), derivation.target?.system].includes(runsOn);
  });
  const chosen = isOfConsumers ? undefined : setFor(first.runsOn, place, index);
  if (!chosen || consumersAreOf(chosen, edges, observedAs, index)) return undefined;
  const consumer = graph.derivation(first.consumer);
  const source = rangeIn(chosen.source, chosen.span);
  const text = textOf(chosen.source, chosen.span);
  const reason = `\`${describeSpan(chosen.source, chosen.span)}\` has the packages that run on ${first.runsOn}`;
  return {
    kind: 'other-package-set',
    source,
    text,
    message: `${reason}, ${graph.derivation(input).name} among them, and ${consumer.name} is made ${platformsOf(consumer)}.`,
    steps: [{ source, text, message: reason }],
  };
}

interface PlacedSpan {
  readonly source: SourceFile;
  readonly span: Span;
}

/** Do names lead from where the consumers are made to the same package set, as from `pkgs.buildPackages.writeText`? */
function consumersAreOf(
  { source, span }: PlacedSpan,
  edges: Leak['edges'],
  observedAs: ReadonlyMap<DerivationId, readonly Observation[]>,
  index: EvidenceIndex,
): boolean {
  const observations = edges.flatMap(({ consumer }) => observedAs.get(consumer) ?? []);
  return observations.some((observation) => {
    const place = index.placeOf(observation.source);
    let head = place && calledIn(place.expression);
    while (head?.kind === 'select') head = unwrap(head.base);
    if (place?.source !== source || head?.kind !== 'variable') return false;
    const resolution = resolveVariable(head, source.scopes);
    if (resolution.kind !== 'lexical' || resolution.definition.kind !== 'binding') return false;
    return resolution.definition.binding.value.start === span.start;
  });
}

/** nixpkgs' own sets by their names (nixpkgs source, `stage.nix`), else what chose the package set from which an expression selects, if that set is for one platform only. */
function setFor(
  host: System,
  { source, expression }: PlacedExpression,
  index: EvidenceIndex,
): PlacedSpan | undefined {
  const inPath = setInPath(unwrap(expression));
  if (inPath) return { source, span: inPath };
  const { packageSet } = index.observationAt(source, expression) ?? {};
  if (!packageSet || packageSet.platforms.some((platforms) => platforms.host !== host)) return undefined;
  const bound = packageSet.boundAt.flatMap((range) => index.placeOf(range) ?? []).at(-1);
  if (bound) return { source: bound.source, span: bound.expression };
  const { lines } = source;
  const { start, end } = packageSet.source.range;
  const named = { start: lines.offsetAt(start), end: lines.offsetAt(end) };
  // Of an argument nobody knows who gave it.
  return expressionAt(source, named)?.kind === 'variable' ? undefined : { source, span: named };
}

/** `pkgs.pkgsCross.raspberryPi` of `pkgs.pkgsCross.raspberryPi.zlib`; undefined where no such set is taken of another one. */
function setInPath(expression: Expression): Span | undefined {
  if (expression.kind !== 'select') return undefined;
  const { base, path } = expression;
  const sets = path.slice(0, -1);
  const last = sets.findLastIndex((name, index) => {
    const [own, before] = [name, path[index - 1]].map((one) => (one?.kind === 'static' ? one.name : ''));
    return before === 'pkgsCross' || /^pkgs(?!Cross$)(?:[A-Z]|i686|x86_64)\w*$/.test(own ?? '');
  });
  const name = sets[last];
  return name && { start: base.start, end: name.end };
}
