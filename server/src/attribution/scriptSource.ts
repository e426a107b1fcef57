import type { DerivationId } from '../model/derivation.ts';
import type { Leak, ScriptUse } from '../model/judgement.ts';
import { placeKey } from '../model/location.ts';
import type { Observation } from '../model/observation.ts';
import type { Origin } from '../model/report.ts';
import type { Steps } from '../model/slices.ts';
import type { Span } from '../syntax/ast.ts';
import { weightOf, wordsOf } from '../syntax/linePattern.ts';
import { rangeIn, textOf, type SourceFile } from '../syntax/sourceFile.ts';
import type { StringLine } from '../syntax/stringLines.ts';
import type { EvidenceIndex } from './evidence.ts';
import type { PlacedExpression } from './placedExpression.ts';
import type { WrittenString, WrittenStrings } from './writtenStrings.ts';

/** Where the workspace's files have what a script does. */
export interface ScriptSource {
  /** The lines, or the flags, themselves. */
  readonly lines: readonly PlacedSpan[];
  /** The whole strings that these stand in. */
  readonly texts: readonly PlacedSpan[];
}

interface PlacedSpan {
  readonly source: SourceFile;
  readonly span: Span;
}

/** So many characters tell a line from those of other scripts. */
const tellingWeight = 4;

/** Texts of scripts that are longer were cut by whoever noted them. */
const cutEnd = '…';

/**
 * Finds where the scripts that show a leak are written: in the expressions that
 * were seen to be the derivation which has the script, or else beside them in
 * the same files. Undefined where that is nowhere to be seen.
 */
export function* findScriptSource(
  { edges, faults }: Pick<Leak, 'edges' | 'faults'>,
  observedAs: ReadonlyMap<DerivationId, readonly Observation[]>,
  index: EvidenceIndex,
): Steps<ScriptSource | undefined> {
  const found: ScriptSource[] = [];
  const uses = [
    ...faults.map(({ derivation, scriptUses = [] }) => ({ id: derivation, scriptUses })),
    ...edges.map(({ consumer, scriptUses = [] }) => ({ id: consumer, scriptUses })),
  ];
  for (const { id, scriptUses } of uses) {
    const telling = scriptUses.filter(({ isHandedOn }) => !isHandedOn);
    if (telling.length === 0) continue;
    const extents = (observedAs.get(id) ?? []).flatMap(({ source }) => index.placeOf(source) ?? []);
    for (const use of telling) {
      const source = yield* findUse(use, extents, index);
      if (source) found.push(source);
      yield;
    }
  }
  if (found.length === 0) return undefined;
  return {
    lines: unique(found.flatMap(({ lines }) => lines)),
    texts: unique(found.flatMap(({ texts }) => texts)),
  };
}

/** The lines as places of which people are told. */
export function originsOfScript({ lines }: ScriptSource): Origin[] {
  return lines.map(({ source, span }) => ({
    source: rangeIn(source, span),
    text: textOf(source, span),
    isScript: true,
  }));
}

/** The files of a source have no variable of their own: `src/Makefile`. */
function variableOf({ variable }: ScriptUse): string {
  return variable.startsWith('src/') ? 'src' : variable;
}

function* findUse(
  use: ScriptUse,
  extents: readonly PlacedExpression[],
  index: EvidenceIndex,
): Steps<ScriptSource | undefined> {
  const variable = variableOf(use);
  const places: (PlacedExpression & { readonly written: WrittenStrings })[] = [];
  for (const place of extents) places.push({ ...place, written: yield* index.stringsOf(place.source) });
  const inExtents = places.flatMap(({ source, expression, written }) =>
    written.stringsIn(expression).map((string): Candidate => ({ source, string })),
  );
  const bindings = places.flatMap(({ source, expression, written }) =>
    written
      .bindingsIn(expression)
      .filter(({ name }) => name === variable)
      .map(({ binding }): PlacedSpan => ({ source, span: binding.value })),
  );
  // Whole files are only looked at where nothing nearer has it.
  const beside = (): Candidate[] =>
    [...new Map(places.map((place) => [place.source, place.written]))].flatMap(([source, written]) =>
      written.stringsNamed(variable).map((string) => ({ source, string })),
    );
  return (
    bestOf(
      inExtents.filter(({ string }) => string.name === variable),
      use,
      1,
    ) ??
    bestOf(inExtents, use, tellingWeight) ??
    bestOf(beside(), use, tellingWeight) ??
    (bindings.length > 0 ? { lines: bindings.slice(0, 1), texts: bindings } : undefined)
  );
}

interface Candidate {
  readonly source: SourceFile;
  readonly string: WrittenString;
}

/** The lines that a use is most likely made of; undefined where all of them are another text. */
function bestOf(
  candidates: readonly Candidate[],
  use: ScriptUse,
  leastWeight: number,
): ScriptSource | undefined {
  let best = leastWeight;
  let found: (Candidate & { readonly line: StringLine })[] = [];
  for (const { source, string } of candidates) {
    for (const line of string.lines) {
      const weight = weightIn(line, use);
      if (weight === undefined || weight < best) continue;
      if (weight > best) found = [];
      best = weight;
      found.push({ source, string, line });
    }
  }
  if (found.length === 0) return undefined;
  return {
    lines: found.map(({ source, line }) => ({ source, span: line })),
    texts: found.map(({ source, string }) => ({ source, span: string })),
  };
}

/** How much of a use a line is seen to be: all of its text, or the word that matters. */
function weightIn({ pieces }: StringLine, { text, word }: ScriptUse): number | undefined {
  const isCut = text.endsWith(cutEnd);
  const whole = weightOf(pieces, isCut ? text.slice(0, -cutEnd.length) : text, isCut);
  if (whole !== undefined || word === undefined) return whole;
  const telling = text.split(/\s+/).filter((one) => one.includes(word));
  const weights = wordsOf(pieces).flatMap((piecesOfWord) =>
    telling.flatMap((one) => weightOf(piecesOfWord, one) ?? []),
  );
  return weights.length > 0 ? weights.reduce((most, weight) => Math.max(most, weight)) : undefined;
}

function unique(places: readonly PlacedSpan[]): PlacedSpan[] {
  return [...new Map(places.map((place) => [placeKey(rangeIn(place.source, place.span)), place])).values()];
}
