import { DiagnosticSeverity, DiagnosticTag, type Diagnostic } from 'vscode-languageserver-types';

import { findUnusedSuppressions, type SuppressionFinding } from '../check/unusedSuppressions.ts';
import type { Severity } from '../model/judgement.ts';
import type { Range } from '../model/location.ts';
import { viewsOf, type Snapshot, type View } from '../snapshot/snapshot.ts';
import { locate } from './places.ts';

/** What is wrong with a suppression, where its comment stands now. */
export interface PlacedSuppression {
  readonly finding: SuppressionFinding;
  readonly file: string;
  readonly range: Range;
  /** One that has evaluated its text. */
  readonly view: View;
}

/**
 * The suppressions that are not heeded, or that no active evaluation needs.
 * While one of these is still to come, nobody can tell; of those that are there
 * for an open file only, one that fails is not waited for.
 */
export function placeSuppressions(snapshot: Snapshot): PlacedSuppression[] {
  const isKnown = snapshot.evaluations.every(
    ({ evaluated, failure, isCompanion }) => evaluated ?? (isCompanion ? failure : undefined),
  );
  if (!isKnown) return [];
  const views = viewsOf(snapshot);
  const findings = findUnusedSuppressions(views.map(({ evaluation }) => evaluation.evaluated.report));
  return findings.flatMap((finding) => {
    const { file } = finding.source;
    const view = views.find(({ evaluation }) => evaluation.evaluated.report.filesRead?.includes(file));
    const range = view && locate(view, finding.source);
    return range ? [{ finding, file, range, view }] : [];
  });
}

/** One diagnostic for each of them, by file. */
export function suppressionDiagnostics(snapshot: Snapshot, source: string): [string, Diagnostic][] {
  return placeSuppressions(snapshot).map(({ finding, file, range }) => [
    file,
    {
      range,
      message: finding.message,
      severity: severities[finding.severity],
      source,
      code: 'unused-suppression',
      ...(finding.isUnused && { tags: [DiagnosticTag.Unnecessary] }),
    },
  ]);
}

const severities: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  info: DiagnosticSeverity.Information,
};
