import {
  DiagnosticSeverity,
  type CodeActionContext,
  type Diagnostic,
  type DiagnosticRelatedInformation,
} from 'vscode-languageserver-types';

import type { AttributedLeak, Report } from '../model/report.ts';
import type { EvaluationError } from '../model/evaluationError.ts';
import type { Severity } from '../model/judgement.ts';
import type { Range, SourceRange } from '../model/location.ts';
import { labelOf, viewsOf, type Evaluation, type Snapshot, type View } from '../snapshot/snapshot.ts';
import { groupLeaks, type LeakGroup } from './leakGroups.ts';
import { isOwn, isSameRange, locate, attributePlaceOf, uriIn } from './places.ts';
import { describeGroup } from './renderLeak.ts';
import { indexOf } from './reportIndex.ts';
import { suppressionDiagnostics } from './suppressionDiagnostics.ts';
import { dependenceDiagnostics } from './dependenceDiagnostics.ts';
import { editorText, failureMessage, limitMessage, listOf, oneLine } from './wording.ts';

/** The name under which editors show where a diagnostic comes from. */
const diagnosticSource = 'nix-platform-lens';

/** Of what a whole file is about. */
const top: Range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };

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
 * path: one for each place and cause of leaks, suppressions that are not
 * needed, what follows the evaluating machine, the errors of the newest
 * evaluation, and in an untrusted workspace what the grammar finds.
 */
export function diagnostics(snapshot: Snapshot): Map<string, Diagnostic[]> {
  const byFile = new Map<string, Diagnostic[]>();
  const add = (file: string, found: Diagnostic): void => {
    const diagnostic = shownDiagnostic(found);
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
  for (const [file, limit] of snapshot.textLimits) {
    add(file, {
      range: top,
      message: limitMessage(limit),
      severity: DiagnosticSeverity.Information,
      source: diagnosticSource,
      code: 'text-limit',
    });
  }
  for (const { file, problems } of snapshot.targetFiles) {
    for (const { message, source } of problems) {
      add(file, {
        range: source.range,
        message: `${message} No target of this file is evaluated, and none of its rules holds, until that is mended.`,
        severity: DiagnosticSeverity.Error,
        source: diagnosticSource,
        code: 'target-file',
      });
    }
  }
  for (const [file, found] of leakDiagnostics(snapshot))
    for (const diagnostic of found) add(file, diagnostic);
  for (const [file, diagnostic] of suppressionDiagnostics(snapshot, diagnosticSource)) add(file, diagnostic);
  for (const [file, diagnostic] of dependenceDiagnostics(snapshot, diagnosticSource)) add(file, diagnostic);
  for (const evaluation of snapshot.evaluations)
    for (const error of errorsOf(evaluation))
      addError(error, evaluation, snapshot, (file, diagnostic) => {
        const shown = shownDiagnostic(diagnostic);
        const isKnown = byFile.get(file)?.some((other) => isSameDiagnostic(other, shown));
        if (!isKnown) add(file, diagnostic);
      });
  return byFile;
}

/** A diagnostic with texts that editors show as they are. */
function shownDiagnostic(diagnostic: Diagnostic): Diagnostic {
  const { message, relatedInformation } = diagnostic;
  return {
    ...diagnostic,
    message: typeof message === 'string' ? editorText(message) : message,
    ...(relatedInformation && {
      relatedInformation: relatedInformation.map((one) => ({ ...one, message: editorText(one.message) })),
    }),
  };
}

/** What several evaluations find at one place is told once, with those that found it. */
function leakDiagnostics(snapshot: Snapshot): Map<string, Diagnostic[]> {
  const views = viewsOf(snapshot);
  const found = new Map<
    string,
    { file: string; message: string; diagnostic: Diagnostic; in: Evaluation[] }
  >();
  for (const view of views) {
    for (const { group, file, range } of placeGroups(view)) {
      const { report } = view.evaluation.evaluated;
      const message = describeGroup(group, report);
      const diagnostic = leakDiagnostic(group, message, range, report, view);
      const [{ rule, cause }] = group.leaks;
      const key = JSON.stringify([file, range, rule, group.severity, cause?.source, cause?.kind]);
      const other = found.get(key);
      if (other) other.in.push(view.evaluation);
      else found.set(key, { file, message, diagnostic, in: [view.evaluation] });
    }
  }
  const byFile = new Map<string, Diagnostic[]>();
  for (const { file, message: text, diagnostic, in: evaluations } of found.values()) {
    const where = listOf(evaluations.map(labelOf));
    const message = views.length > 1 ? `${text} Seen in ${where}.` : text;
    byFile.set(file, [...(byFile.get(file) ?? []), { ...diagnostic, message }]);
  }
  return byFile;
}

/** Those of an editor's diagnostics that this server shows at a range. */
export function shownAt(range: Range, { diagnostics: shown }: CodeActionContext): Diagnostic[] {
  return shown.filter(({ source, range: other }) => source === diagnosticSource && isSameRange(range, other));
}

function isSameDiagnostic(one: Diagnostic, other: Diagnostic): boolean {
  return one.message === other.message && isSameRange(one.range, other.range);
}

/**
 * The leak groups of the newest report where they stand now. A group without
 * an origin stands at the target's attribute, unless it is only a note.
 */
export function placeGroups(view: View): PlacedGroup[] {
  const { report } = view.evaluation.evaluated;
  return groupLeaks(report).flatMap((group): PlacedGroup[] => {
    if (group.origin) {
      const range = locate(view, group.origin.source);
      return range ? [{ group, file: group.origin.source.file, range }] : [];
    }
    const place = group.severity === 'info' ? undefined : attributePlaceOf(view.evaluation, view);
    return place ? [{ group, ...place }] : [];
  });
}

function leakDiagnostic(
  group: LeakGroup,
  message: string,
  range: Range,
  report: Report,
  view: View,
): Diagnostic {
  const [leak] = group.leaks;
  const relatedInformation = relatedTo(group, report, view);
  return {
    range,
    message,
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
function relatedTo(group: LeakGroup, report: Report, view: View): DiagnosticRelatedInformation[] {
  const remarks = [...causeOf(group), ...otherOrigins(group), ...consumersOf(group, report)];
  return joinRepeated(remarks).flatMap(({ source, message }) => {
    const range = locate(view, source);
    return range ? [{ location: { uri: uriIn(view, source.file), range }, message }] : [];
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
function errorsOf({ failure, isCompanion }: Evaluation): readonly EvaluationError[] {
  // A companion's failure is told by the lens of its file: nobody asked for it.
  return failure?.nixUnavailable === false && !isCompanion ? failure.errors : [];
}

function addError(
  error: EvaluationError,
  evaluation: Evaluation,
  snapshot: Snapshot,
  add: (file: string, diagnostic: Diagnostic) => void,
): void {
  const { source, advice } = error;
  const range = source && evaluation.failure?.ranges.locate(source);
  const message = failureMessage(error, evaluation);
  const places = [
    source && range && { file: source.file, range },
    // Nobody looks into a package set for what is wrong with a target.
    source && isOwn(source.file, snapshot) ? undefined : attributePlaceOf(evaluation, snapshot),
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

const severities: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  info: DiagnosticSeverity.Information,
};
