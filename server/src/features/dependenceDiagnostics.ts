import { DiagnosticSeverity, type Diagnostic } from 'vscode-languageserver-types';

import type { DependencePlace, SystemDependence } from '../attribution/findSystemDependence.ts';
import { suppressedIn } from '../check/policy.ts';
import { decisiveCause, type Report } from '../model/report.ts';
import { placeKey, type Range } from '../model/location.ts';
import { viewsOf, type Snapshot, type View } from '../snapshot/snapshot.ts';
import { isSameRange, locate, attributePlaceOf, uriIn } from './places.ts';
import { isWrong } from './renderLeak.ts';
import { endSentence, listOf, oneLine } from './editorMessages.ts';

/** Expressions that bring it in, that are named as related information. */
const mostOrigins = 4;

/** A dependence of a target on its evaluating machine, where it is shown now. */
interface PlacedDependence {
  readonly file: string;
  readonly range: Range;
  /** Undefined where no expression could be named: it stands at the target. */
  readonly place: DependencePlace | undefined;
  readonly dependence: SystemDependence;
  readonly view: View;
  /** A leak of one of the two evaluations is told there already. */
  readonly isLeak: boolean;
}

/** One diagnostic for each place where the evaluating machine's system comes into a target, by file. */
export function dependenceDiagnostics(snapshot: Snapshot, source: string): [string, Diagnostic][] {
  const shown = groupByPlace(placedDependences(snapshot).filter(({ isLeak }) => !isLeak));
  return shown.map((group): [string, Diagnostic] => {
    const [{ file, range, place, view }] = group;
    const isWarning = group.some(({ dependence }) => dependence.severity !== 'info');
    const related = (place?.origins ?? []).slice(0, mostOrigins).flatMap((origin) => {
      const at = locate(view, origin.source);
      if (!at || (origin.source.file === file && isSameRange(at, range))) return [];
      const message = `\`${oneLine(origin.text)}\` brings it in`;
      return [{ location: { uri: uriIn(view, origin.source.file), range: at }, message }];
    });
    return [
      file,
      {
        range,
        message: sentencesOf(group).join(' '),
        severity: isWarning ? DiagnosticSeverity.Warning : DiagnosticSeverity.Information,
        source,
        code: 'system-dependence',
        ...(related.length > 0 && { relatedInformation: related }),
      },
    ];
  });
}

/** What is to be said of it when somebody points at an expression; none where nothing is. */
export function dependencesAt(snapshot: Snapshot, file: string, range: Range): string[] {
  const here = placedDependences(snapshot).filter(
    (one) => one.place && one.file === file && isSameRange(one.range, range),
  );
  return groupByPlace(here).map((group) => sentencesOf(group).slice(0, 1).join(' '));
}

type Group = [PlacedDependence, ...PlacedDependence[]];

function groupByPlace(placed: readonly PlacedDependence[]): Group[] {
  const groups = new Map<string, Group>();
  for (const one of placed) {
    const key = placeKey(one);
    const group = groups.get(key);
    if (group) group.push(one);
    else groups.set(key, [one]);
  }
  return [...groups.values()];
}

function placedDependences(snapshot: Snapshot): PlacedDependence[] {
  const views = viewsOf(snapshot);
  return snapshot.systemComparisons.flatMap(({ ids: [id, otherId], dependence }) => {
    const viewOf = (wanted: number): View | undefined =>
      views.find(({ evaluation }) => evaluation.evaluated.id === wanted);
    const [view, other] = [viewOf(id), viewOf(otherId)];
    if (!dependence || !view || !other) return [];
    const told = leakPlaces([view, other].map(({ evaluation }) => evaluation.evaluated.report));
    const placed = dependence.places.flatMap((place): PlacedDependence[] => {
      const range = locate(view, place.source);
      const isLeak = [place, ...place.origins].some(({ source }) => told.has(placeKey(source)));
      return range ? [{ file: place.source.file, range, place, dependence, view, isLeak }] : [];
    });
    // What is meant to follow the machine needs no mark at its target.
    const target = dependence.severity === 'info' ? undefined : attributePlaceOf(view.evaluation, snapshot);
    if (dependence.places.length > 0 || !target) return placed;
    return [{ ...target, place: undefined, dependence, view, isLeak: false }];
  });
}

/** Where leaks stand that the person is told of, or that they allow, and their causes. */
function leakPlaces(reports: readonly Report[]): ReadonlySet<string> {
  const places = reports.flatMap((report) =>
    [...report.leaks.filter(isWrong), ...suppressedIn(report).map(({ leak }) => leak)].flatMap((leak) => [
      leak.origins[0]?.source,
      decisiveCause(leak, report)?.source,
    ]),
  );
  return new Set(places.flatMap((source) => (source ? placeKey(source) : [])));
}

/** What differs, why, and what comes in. */
function sentencesOf(group: Group): string[] {
  const [{ place }] = group;
  const labels = [...new Set(group.map(({ view }) => view.evaluation.entry.label))];
  // The first system is the one that it was compared with.
  const systems = [...new Set(group.flatMap(({ dependence }) => [...dependence.systems].reverse()))];
  const has = labels.length === 1 ? 'has' : 'have';
  const who = `${listOf(labels)} ${has} another root when evaluated as ${systems.join(' or ')}`;
  if (!place) return [`${who}: the evaluating machine comes in, and no expression could be named.`];
  const names = [...new Set(group.flatMap((one) => one.place?.derivations ?? []))];
  return [
    `\`${oneLine(place.text)}\` follows the machine that evaluates it: ${who}.`,
    endSentence(place.message),
    `Through it ${names.length === 1 ? 'comes' : 'come'} ${listOf(names)}.`,
  ];
}
