import { DiagnosticSeverity, type CodeActionContext, type Diagnostic } from 'vscode-languageserver-types';

import type { EvaluationError } from '../model/evaluationError.ts';
import type { Range } from '../model/location.ts';
import type { Steps } from '../model/slices.ts';
import type { Evaluation, Snapshot } from '../snapshot/snapshot.ts';
import { dependenceDiagnostics } from './dependenceDiagnostics.ts';
import { findingDiagnostics } from './findingDiagnostics.ts';
import { attributePlaceOf, isOwn, isSameRange } from './places.ts';
import { targetFilePlace } from './targetFilePlace.ts';
import { suppressionDiagnostics } from './suppressionDiagnostics.ts';
import { editorText, failureMessage, limitMessage } from './editorMessages.ts';

/** The name under which editors show where a diagnostic comes from. */
const diagnosticSource = 'nix-platform-lens';

/** Of what a whole file is about. */
const top: Range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };

/**
 * `textDocument/publishDiagnostics` for all files, open or not, by absolute
 * path: one for each place and cause of leaks, suppressions that are not
 * needed, what follows the evaluating machine, the errors of the newest
 * evaluation, and in an untrusted workspace what the grammar finds.
 */
export function* diagnostics(snapshot: Snapshot): Steps<Map<string, Diagnostic[]>> {
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
  for (const [file, found] of yield* findingDiagnostics(snapshot, diagnosticSource))
    byFile.set(file, [...(byFile.get(file) ?? []), ...found]);
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

/** Those of an editor's diagnostics that this server shows at a range. */
export function shownAt(range: Range, context: CodeActionContext): readonly Diagnostic[] {
  return shownByRange(context).get(keyOfRange(range)) ?? [];
}

/** The same of several ranges. */
export function shownAtAny(ranges: readonly Range[], context: CodeActionContext): Diagnostic[] {
  return [...new Set(ranges.flatMap((range) => shownAt(range, context)))];
}

/** What an editor shows, by its range: once for each request, which may be about thousands. */
const byRange = new WeakMap<CodeActionContext, ReadonlyMap<string, readonly Diagnostic[]>>();

function shownByRange(context: CodeActionContext): ReadonlyMap<string, readonly Diagnostic[]> {
  const known = byRange.get(context);
  if (known) return known;
  const made = new Map<string, Diagnostic[]>();
  for (const diagnostic of context.diagnostics) {
    if (diagnostic.source !== diagnosticSource) continue;
    const key = keyOfRange(diagnostic.range);
    const others = made.get(key);
    if (others) others.push(diagnostic);
    else made.set(key, [diagnostic]);
  }
  byRange.set(context, made);
  return made;
}

function keyOfRange({ start, end }: Range): string {
  return `${start.line} ${start.character} ${end.line} ${end.character}`;
}

function isSameDiagnostic(one: Diagnostic, other: Diagnostic): boolean {
  return one.message === other.message && isSameRange(one.range, other.range);
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
  const { source, advice, refused } = error;
  const range = source && evaluation.failure?.ranges.locate(source);
  const message = failureMessage(error, evaluation);
  const places = [
    source && range && { file: source.file, range },
    // Nobody looks into a package set for what is wrong with a target.
    source && isOwn(source.file, snapshot) ? undefined : attributePlaceOf(evaluation, snapshot),
    refused && targetFilePlace(evaluation, refused.path, snapshot),
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
