import {
  DiagnosticSeverity,
  type Diagnostic,
  type DiagnosticRelatedInformation,
} from 'vscode-languageserver-types';

import type { AttributedLeak, Report } from '../check/report.ts';
import type { EvaluationError } from '../model/evaluationError.ts';
import type { Severity } from '../model/judgement.ts';
import type { Range, SourceRange } from '../model/location.ts';
import type { Failure, Snapshot } from '../session/snapshot.ts';
import { rootsOf } from '../session/workspace.ts';
import { groupLeaks, type LeakGroup } from './leakGroups.ts';
import { isSameRange, locate, placeOfTarget, uriIn } from './places.ts';
import { describeGroup } from './renderLeak.ts';
import { indexOf } from './reportIndex.ts';
import { failureMessage, oneLine } from './wording.ts';

/** The name under which editors show where a diagnostic comes from. */
export const diagnosticSource = 'nix-platform-lens';

/** Consumers that are named as related information of one diagnostic. */
const mostConsumers = 10;

/** Further expressions through which it comes in, that are named. */
const mostOrigins = 4;

/** A leak group with the place at which it is shown now. */
export interface PlacedGroup {
  readonly group: LeakGroup;
  readonly file: string;
  readonly range: Range;
}

/**
 * `textDocument/publishDiagnostics` for all files, open or not, by absolute
 * path: one for each place and cause of leaks, the errors of the newest
 * evaluation, and in an untrusted workspace what the grammar finds.
 */
export function diagnostics(snapshot: Snapshot): Map<string, Diagnostic[]> {
  const byFile = new Map<string, Diagnostic[]>();
  const add = (file: string, diagnostic: Diagnostic): void => {
    const others = byFile.get(file);
    if (others) others.push(diagnostic);
    else byFile.set(file, [diagnostic]);
  };
  for (const [file, problems] of snapshot.syntaxProblems) {
    for (const { range, message } of problems) {
      add(file, {
        range,
        message,
        severity: DiagnosticSeverity.Error,
        source: diagnosticSource,
        code: 'syntax',
      });
    }
  }
  const report = snapshot.evaluated?.report;
  if (report) {
    for (const { group, file, range } of placeGroups(snapshot))
      add(file, leakDiagnostic(group, range, report, snapshot));
  }
  const { failure } = snapshot;
  for (const error of errorsOf(failure))
    addError(error, (source) => failure?.ranges.locate(source), snapshot, add);
  return byFile;
}

/**
 * The leak groups of the newest report where they stand now. A group without
 * an origin stands at the target's attribute, unless it is only a note.
 */
export function placeGroups(snapshot: Snapshot): PlacedGroup[] {
  const report = snapshot.evaluated?.report;
  if (!report) return [];
  return groupLeaks(report).flatMap((group): PlacedGroup[] => {
    if (group.origin) {
      const range = locate(snapshot, group.origin.source);
      return range ? [{ group, file: group.origin.source.file, range }] : [];
    }
    const place = group.severity === 'info' ? undefined : placeOfTarget(snapshot);
    return place ? [{ group, ...place }] : [];
  });
}

function leakDiagnostic(group: LeakGroup, range: Range, report: Report, snapshot: Snapshot): Diagnostic {
  const [leak] = group.leaks;
  const relatedInformation = relatedTo(group, report, snapshot);
  return {
    range,
    message: describeGroup(group, report),
    severity: severities[group.severity],
    source: diagnosticSource,
    code: leak.rule,
    ...(relatedInformation.length > 0 && { relatedInformation }),
  };
}

interface Remark {
  readonly source: SourceRange;
  readonly message: string;
}

/** From the origin over the steps to the cause, then who uses it. */
function relatedTo(group: LeakGroup, report: Report, snapshot: Snapshot): DiagnosticRelatedInformation[] {
  const remarks = [...causeOf(group), ...otherOrigins(group), ...consumersOf(group, report)];
  return joinRepeated(remarks).flatMap(({ source, message }) => {
    const range = locate(snapshot, source);
    return range ? [{ location: { uri: uriIn(snapshot, source.file), range }, message }] : [];
  });
}

/** What is told of one place several times in a row, told of it once. */
function joinRepeated(remarks: readonly Remark[]): Remark[] {
  const joined: Remark[] = [];
  for (const remark of remarks) {
    const last = joined.at(-1);
    if (!last || !isSamePlace(last.source, remark.source)) joined.push(remark);
    else if (!last.message.split('; ').includes(remark.message))
      joined.splice(-1, 1, { ...last, message: `${last.message}; ${remark.message}` });
  }
  return joined;
}

function causeOf({ leaks: [{ cause }] }: LeakGroup): Remark[] {
  const steps = cause?.steps ?? [];
  const source = cause?.source;
  if (!cause || !source || steps.some((step) => isSamePlace(step.source, source))) return [...steps];
  return [...steps, { source, message: cause.message }];
}

/** Those in the same file: elsewhere are mostly functions through which it passes. */
function otherOrigins({ leaks: [{ origins }] }: LeakGroup): Remark[] {
  const [first, ...others] = origins;
  return others
    .filter(({ source }) => source.file === first?.source.file)
    .slice(0, mostOrigins)
    .map(({ source, text }) => ({ source, message: `\`${oneLine(text)}\` brings it in as well` }));
}

function consumersOf({ leaks, origin }: LeakGroup, report: Report): Remark[] {
  const { graph } = report;
  const edges = leaks.flatMap((leak: AttributedLeak) => leak.edges);
  return edges.slice(0, mostConsumers).flatMap((edge) => {
    const observations = indexOf(report).observationsOf(edge.consumer);
    const beside = observations.find(({ source }) => source.file === origin?.source.file);
    const observation = beside ?? observations[0];
    if (!observation) return [];
    const consumer = graph.derivation(edge.consumer).name;
    const input = graph.derivation(edge.input).name;
    return [{ source: observation.source, message: `${consumer} uses ${input} (${edge.roles.join(', ')})` }];
  });
}

function isSamePlace(one: SourceRange, other: SourceRange): boolean {
  return one.file === other.file && isSameRange(one.range, other.range);
}

/** Where there is no Nix, no file is to blame: the status says so. */
function errorsOf(failure: Failure | undefined): readonly EvaluationError[] {
  return failure?.nixUnavailable === false ? failure.errors : [];
}

function addError(
  error: EvaluationError,
  find: (source: SourceRange) => Range | undefined,
  snapshot: Snapshot,
  add: (file: string, diagnostic: Diagnostic) => void,
): void {
  const { source, advice } = error;
  const range = source && find(source);
  const message = failureMessage(error, snapshot);
  const places = [
    source && range && { file: source.file, range },
    // Nobody looks into a package set for what is wrong with a target.
    source && isOwn(source.file, snapshot) ? undefined : placeOfTarget(snapshot),
  ];
  for (const place of places) {
    if (!place) continue;
    add(place.file, {
      range: place.range,
      message: advice === undefined ? message : `${message}\n${advice}`,
      severity: DiagnosticSeverity.Error,
      source: diagnosticSource,
      code: 'evaluation',
    });
  }
}

function isOwn(file: string, snapshot: Snapshot): boolean {
  return rootsOf(snapshot).some((root) => file.startsWith(`${root}/`));
}

const severities: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  info: DiagnosticSeverity.Information,
};
