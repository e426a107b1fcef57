import { DiagnosticSeverity, DiagnosticTag, type Diagnostic } from 'vscode-languageserver-types';

import { findUnusedSuppressions, type SuppressionFinding } from '../check/unusedSuppressions.ts';
import type { PolicedReport } from '../check/policy.ts';
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
  return findingsOf(views.map(({ evaluation }) => evaluation.evaluated.report)).flatMap(
    ({ finding, reader }) => {
      const view = views[reader];
      const range = view && locate(view, finding.source);
      return range ? [{ finding, file: finding.source.file, range, view }] : [];
    },
  );
}

interface ReadFinding {
  readonly finding: SuppressionFinding;
  /** Which of the reports is the first that has read its file. */
  readonly reader: number;
}

/** What was found last, by the first of the reports: the same ones are not looked through for every key. */
const found = new WeakMap<
  PolicedReport,
  { of: readonly PolicedReport[]; findings: readonly ReadFinding[] }
>();

function findingsOf(reports: readonly PolicedReport[]): readonly ReadFinding[] {
  const [first] = reports;
  if (!first) return [];
  const known = found.get(first);
  if (known?.of.length === reports.length && known.of.every((report, place) => report === reports[place]))
    return known.findings;
  const read = reports.map(({ filesRead }) => new Set(filesRead));
  const findings = findUnusedSuppressions(reports).map((finding) => ({
    finding,
    reader: read.findIndex((files) => files.has(finding.source.file)),
  }));
  found.set(first, { of: reports, findings });
  return findings;
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
