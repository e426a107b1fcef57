import type { Hover } from 'vscode-languageserver-types';

import type { Report } from '../model/report.ts';
import type { Answer } from '../asking/asker.ts';
import type { DerivationId } from '../model/derivation.ts';
import type { Position, Range, SourceRange } from '../model/location.ts';
import type { ObservedPackageSet, Observation } from '../model/observation.ts';
import { derivationNameOf, nameOf } from '../model/storePath.ts';
import { clientCommands } from '../protocol.ts';
import type { Asked } from '../session/asking.ts';
import { reaches } from '../snapshot/activeEvaluations.ts';
import { isStale, labelOf, viewsOf, type Snapshot, type View } from '../snapshot/snapshot.ts';
import type { PointedSource } from '../syntax/documentTree.ts';
import { pointedAt } from './pointedAt.ts';
import { isOwn, isSameRange, locate } from './places.ts';
import { renderAnswer } from './renderAnswer.ts';
import { renderDerivation } from './renderDerivation.ts';
import { renderPackageSets } from './renderPackageSets.ts';
import { indexOf } from './reportIndex.ts';
import { dependencesAt } from './dependenceDiagnostics.ts';
import { countOf, editorText, escapeMarkdown, listOf, timeOf } from './editorMessages.ts';

/** Values of one expression that are shown in full. */
const mostValues = 4;

/**
 * `textDocument/hover`, from what was observed: what the expression at a
 * position is, for which platforms, and why; for each evaluation where they do
 * not agree.
 */
export function hover(snapshot: Snapshot, source: PointedSource, position: Position): Hover | null {
  const views = viewsOf(snapshot);
  const ranges = pointedAt(source, position).candidates.map((span) => source.lines.rangeOf(span));
  for (const describe of [describeValue, describeOutside]) {
    for (const range of ranges) {
      const described = views.flatMap((view) => {
        const text = describe(range, source.file, view.evaluation.evaluated.report, view);
        return text === undefined ? [] : [{ view, text: [...age(view), text].join('\n\n') }];
      });
      const dependences = dependencesAt(snapshot, source.file, range).map(escapeMarkdown);
      const sections = [
        ...(described.length > 0 ? [joinViews(described, views.length)] : []),
        ...dependences,
      ];
      if (sections.length > 0) return answer(sections.join('\n\n---\n\n'), range);
    }
  }
  return null;
}

/**
 * `textDocument/hover` for what was not observed: what Nix answered, where it
 * was asked; else that it was not evaluated.
 */
export function unobservedHover(
  snapshot: Snapshot,
  source: PointedSource,
  position: Position,
  asked: Asked<Answer> | undefined,
): Hover | null {
  const views = viewsOf(snapshot);
  const { candidates, expectsDerivation } = pointedAt(source, position);
  const [nearest] = candidates.map((span) => source.lines.rangeOf(span));
  if (!nearest || views.length === 0) return null;
  const isReached = snapshot.evaluations.some((evaluation) => reaches(evaluation, source.file));
  const isRead = views.some(({ evaluation }) => evaluation.evaluated.report.sources.has(source.file));
  const isMissed = isReached ? expectsDerivation && isRead : isOwn(source.file, snapshot);
  const told = asked && renderAnswer(asked);
  const ages = views[0] && views.length === 1 && !told ? age(views[0]) : [];
  const texts = [...(isMissed ? [...ages, notSeen(views)] : []), ...(told ?? [])];
  return texts.length > 0 ? answer(texts.join('\n\n'), nearest) : null;
}

/** What several evaluations say of one expression: the same is said once. */
function joinViews(described: readonly { view: View; text: string }[], all: number): string {
  const byText = new Map<string, string[]>();
  for (const { view, text } of described)
    byText.set(text, [...(byText.get(text) ?? []), labelOf(view.evaluation)]);
  if (byText.size === 1 && described.length === all) return described[0]?.text ?? '';
  return [...byText]
    .map(([text, labels]) => `*In ${escapeMarkdown(labels.join(', '))}:*\n\n${text}`)
    .join('\n\n---\n\n');
}

function describeValue(range: Range, file: string, report: Report, view: View): string | undefined {
  const isHere = (place: SourceRange): boolean => isAt(place, range, file, view);
  const observations = indexOf(report).observationsIn(file);
  const here = observations.filter((observation) => isHere(observation.source));
  const values = [...new Set(here.flatMap(({ derivations }) => derivations))];
  if (values.length > 0) return renderValues(values, here, report, view);
  const sets = observations.flatMap(({ packageSet, ownPackageSet }) =>
    [packageSet, ownPackageSet].flatMap((set) => (set ? setAt(set, isHere) : [])),
  );
  return sets.length > 0 ? renderPackageSets(sets) : undefined;
}

/** A package set as one place knows it: where it is named, or where that name got it. */
function setAt(set: ObservedPackageSet, isHere: (place: SourceRange) => boolean): ObservedPackageSet[] {
  if (isHere(set.source)) return [set];
  const bound = set.boundAt.findIndex(isHere);
  return bound < 0 ? [] : [{ ...set, boundAt: set.boundAt.slice(bound + 1) }];
}

/** Values that were evaluated, and are no part of the closure. */
function describeOutside(range: Range, file: string, report: Report, view: View): string | undefined {
  const paths = indexOf(report)
    .observationsIn(file)
    .filter(({ source }) => isAt(source, range, file, view))
    .flatMap(({ outside }) => outside ?? []);
  if (paths.length === 0) return undefined;
  const names = new Set(
    paths.map(
      (path) => `**${escapeMarkdown(path.endsWith('.drv') ? derivationNameOf(path) : nameOf(path))}**`,
    ),
  );
  const root = escapeMarkdown(report.graph.derivation(report.graph.root).name);
  return `Evaluated, but not in the closure: this is ${listOf([...names].slice(0, mostValues))}, and **${root}** does not depend on it.`;
}

/** Is a place of the evaluated text now this range of the file? */
function isAt(place: SourceRange, range: Range, file: string, view: View): boolean {
  if (place.file !== file) return false;
  const now = locate(view, place);
  return now !== undefined && isSameRange(now, range);
}

function renderValues(
  values: readonly DerivationId[],
  observations: readonly Observation[],
  report: Report,
  view: View,
): string {
  const index = indexOf(report);
  const sorted = [...values].sort(
    (one, other) => Number(index.isForeign(other)) - Number(index.isForeign(one)),
  );
  const shown = sorted.slice(0, mostValues).map((id) => renderDerivation(id, report, view));
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
    ...showInTree(sorted, report, view),
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

function notSeen(views: readonly View[]): string {
  const names = views.map(({ evaluation }) => {
    const { graph } = evaluation.evaluated.report;
    return `**${escapeMarkdown(graph.derivation(graph.root).name)}**`;
  });
  return (
    `Not evaluated: nothing of the closure of ${listOf([...new Set(names)])} was seen to come from this expression. ` +
    'To judge it, evaluate a target that uses it.'
  );
}

function answer(value: string, range: Range): Hover {
  return { contents: { kind: 'markdown', value: editorText(value) }, range };
}

function age(view: View): string[] {
  const { evaluated, failure } = view.evaluation;
  const isOld = isStale(view.evaluation, view);
  if (failure) return ['*From before the newest evaluation, which failed.*'];
  // Nobody need save for it to be evaluated again.
  if (evaluated.asOf) return [`*As of ${timeOf(evaluated.asOf)}${isOld ? ', before the last change' : ''}.*`];
  return isOld ? ['*From before the last change. Save to evaluate again.*'] : [];
}
