import type { Hover } from 'vscode-languageserver-types';

import type { Report } from '../check/report.ts';
import type { DerivationId } from '../model/derivation.ts';
import type { Position, Range } from '../model/location.ts';
import type { Observation } from '../model/observation.ts';
import { clientCommands } from '../protocol.ts';
import { isStale, type Snapshot } from '../session/snapshot.ts';
import type { SourceFile } from '../syntax/sourceFile.ts';
import { pointedAt } from './namesAt.ts';
import { isSameRange, locate } from './places.ts';
import { renderDerivation } from './renderDerivation.ts';
import { renderPackageSets } from './renderPackageSets.ts';
import { indexOf } from './reportIndex.ts';
import { countOf, escapeMarkdown } from './wording.ts';

/** Values of one expression that are shown in full. */
const mostValues = 4;

/** `textDocument/hover`: what the expression at a position is, for which platforms, and why. */
export function hover(snapshot: Snapshot, source: SourceFile, position: Position): Hover | null {
  const report = snapshot.evaluated?.report;
  if (!report) return null;
  const { candidates, expectsDerivation } = pointedAt(source, position);
  const ranges = candidates.map((span) => source.lines.rangeOf(span));
  for (const range of ranges) {
    const text = describe(range, source.file, report, snapshot);
    if (text !== undefined) return answer(text, range, snapshot);
  }
  const [nearest] = ranges;
  if (!nearest || !expectsDerivation || !report.sources.has(source.file)) return null;
  return answer(notSeen(report), nearest, snapshot);
}

function describe(range: Range, file: string, report: Report, snapshot: Snapshot): string | undefined {
  const isHere = (place: { readonly file: string; readonly range: Range }): boolean => {
    if (place.file !== file) return false;
    const now = locate(snapshot, place);
    return now !== undefined && isSameRange(now, range);
  };
  const observations = indexOf(report).observationsIn(file);
  const here = observations.filter((observation) => isHere(observation.source));
  const values = [...new Set(here.flatMap(({ derivations }) => derivations))];
  if (values.length > 0) return renderValues(values, here, report, snapshot);
  const sets = observations.flatMap(({ packageSet }) =>
    packageSet && isHere(packageSet.source) ? [packageSet] : [],
  );
  return sets.length > 0 ? renderPackageSets(sets) : undefined;
}

function renderValues(
  values: readonly DerivationId[],
  observations: readonly Observation[],
  report: Report,
  snapshot: Snapshot,
): string {
  const index = indexOf(report);
  const sorted = [...values].sort(
    (one, other) => Number(index.isForeign(other)) - Number(index.isForeign(one)),
  );
  const shown = sorted.slice(0, mostValues).map((id) => renderDerivation(id, report, snapshot));
  const heading =
    values.length > 1 ? [`This expression has ${countOf(values.length, 'value')} in the closure.`] : [];
  const rest = values.length - shown.length;
  const sets = observations.flatMap(({ packageSet }) =>
    packageSet ? [`From ${renderPackageSets([packageSet])}`] : [],
  );
  return [
    ...heading,
    shown.join('\n\n---\n\n'),
    ...(rest > 0 ? [`… and ${rest} more`] : []),
    ...new Set(sets),
    ...showInTree(sorted, report, snapshot),
  ].join('\n\n');
}

function showInTree(
  values: readonly DerivationId[],
  report: Report,
  { clientCommands: has }: Snapshot,
): string[] {
  const leaked = values.find((id) => indexOf(report).leakOf(id));
  if (leaked === undefined || !has) return [];
  const argument = encodeURIComponent(JSON.stringify([report.graph.derivation(leaked).drvPath]));
  return [`[Show it in the closure](command:${clientCommands.showClosure}?${argument})`];
}

function notSeen({ graph }: Report): string {
  const root = escapeMarkdown(graph.derivation(graph.root).name);
  return (
    `Not evaluated: nothing of the closure of **${root}** was seen to come from this expression. ` +
    'To judge it, evaluate a target that uses it.'
  );
}

function answer(text: string, range: Range, snapshot: Snapshot): Hover {
  return { contents: { kind: 'markdown', value: [...age(snapshot), text].join('\n\n') }, range };
}

function age(snapshot: Snapshot): string[] {
  if (!isStale(snapshot)) return [];
  return [
    snapshot.failure
      ? '*From before the newest evaluation, which failed.*'
      : '*From before the last change. Save to evaluate again.*',
  ];
}
