import {
  DiagnosticSeverity,
  type Diagnostic,
  type DiagnosticRelatedInformation,
} from 'vscode-languageserver-types';

import type { Severity } from '../model/judgement.ts';
import { placeKey, type Range } from '../model/location.ts';
import type { Steps } from '../model/slices.ts';
import { labelOf, viewsOf, type Evaluation, type Snapshot, type View } from '../snapshot/snapshot.ts';
import type { FindingPart } from './findingParts.ts';
import { textsOf, type PartTexts } from './findingTexts.ts';
import { attributePlaceOf, isSameRange, locate, touches } from './places.ts';
import { editorText, listOf } from './editorMessages.ts';

/** A part of a finding with the place at which it is shown now. */
export interface PlacedPart extends PartTexts {
  readonly part: FindingPart;
  readonly file: string;
  readonly range: Range;
}

/**
 * The findings of the newest report where they stand now. One without an origin
 * stands at the target's attribute, unless it is only a note.
 */
function placeParts(view: View): PlacedPart[] {
  return textsOf(view.evaluation.evaluated.report).flatMap((texts): PlacedPart[] => {
    const { origin, severity } = texts.part;
    if (origin) {
      const range = locate(view, origin.marked ?? origin.source);
      return range ? [{ ...texts, file: origin.source.file, range }] : [];
    }
    const place = severity === 'info' ? undefined : attributePlaceOf(view.evaluation, view);
    return place ? [{ ...texts, ...place }] : [];
  });
}

/** Those of them that stand at a range of a file. */
export function* partsAt(view: View, file: string, range: Range): Steps<PlacedPart[]> {
  const found: PlacedPart[] = [];
  for (const [index, placed] of placeParts(view).entries()) {
    if (index % partsOfStep === 0) yield;
    if (placed.file === file && touches(placed.range, range)) found.push(placed);
  }
  return found;
}

/**
 * One diagnostic for each place of each finding, by file. What several
 * evaluations find at one place is told once, with those that found it.
 */
export function* findingDiagnostics(snapshot: Snapshot, source: string): Steps<Map<string, Diagnostic[]>> {
  const views = viewsOf(snapshot);
  const found = new Map<string, { placed: PlacedPart; view: View; in: Evaluation[] }>();
  for (const view of views) {
    for (const [place, placed] of placeParts(view).entries()) {
      if (place % partsOfStep === 0) yield;
      const key = `${placed.key} ${placeKey(placed)}`;
      const other = found.get(key);
      if (other) other.in.push(view.evaluation);
      else found.set(key, { placed, view, in: [view.evaluation] });
    }
  }
  const byFile = new Map<string, Diagnostic[]>();
  let made = 0;
  for (const { placed, view, in: evaluations } of found.values()) {
    if (++made % partsOfStep === 0) yield;
    const seenIn = views.length > 1 ? ` Seen in ${editorText(listOf(evaluations.map(labelOf)))}.` : '';
    const diagnostic = lastIfSame(placed.part, diagnosticOf(placed, seenIn, source, view));
    const others = byFile.get(placed.file);
    if (others) others.push(diagnostic);
    else byFile.set(placed.file, [diagnostic]);
  }
  return byFile;
}

const partsOfStep = 100;

/** What was told last of a part of a report. */
const last = new WeakMap<FindingPart, Diagnostic>();

/** The very diagnostic that was told last where it is the same: whoever types changes few of many. */
function lastIfSame(part: FindingPart, diagnostic: Diagnostic): Diagnostic {
  const former = last.get(part);
  if (former && isSameDiagnostic(former, diagnostic)) return former;
  last.set(part, diagnostic);
  return diagnostic;
}

function isSameDiagnostic(one: Diagnostic, other: Diagnostic): boolean {
  const [remarks, others] = [one.relatedInformation ?? [], other.relatedInformation ?? []];
  return (
    one.message === other.message &&
    isSameRange(one.range, other.range) &&
    remarks.length === others.length &&
    remarks.every(({ message, location }, place) => {
      const beside = others[place];
      return (
        beside?.message === message &&
        beside.location.uri === location.uri &&
        isSameRange(beside.location.range, location.range)
      );
    })
  );
}

function diagnosticOf(
  { part, message, remarks, range }: PlacedPart,
  seenIn: string,
  source: string,
  view: View,
): Diagnostic {
  const relatedInformation = remarks.flatMap((remark): DiagnosticRelatedInformation[] => {
    const at = locate(view, remark.source);
    const uri = view.documents.get(remark.source.file)?.uri ?? remark.uri;
    return at ? [{ location: { uri, range: at }, message: remark.message }] : [];
  });
  return {
    range,
    message: `${message}${seenIn}`,
    severity: severities[part.severity],
    source,
    code: part.leaks[0].rule,
    ...(relatedInformation.length > 0 && { relatedInformation }),
  };
}

const severities: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  info: DiagnosticSeverity.Information,
};
