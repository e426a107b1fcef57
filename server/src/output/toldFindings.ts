import { severities } from '../check/rules.ts';
import { keyAcrossReports } from '../check/findings.ts';
import { withLeaks, type PolicedReport } from '../check/policy.ts';
import type { Report } from '../model/report.ts';
import { groupBy } from '../model/groupBy.ts';
import { fileOfTarget } from '../model/target.ts';
import type { JsonFinding, JsonRange, JsonReport } from './json.ts';
import {
  documentOf,
  nameOfResult,
  type CheckResults,
  type EvaluationResult,
  type JudgedOutcome,
} from './results.ts';
import { displayPath, toJson } from './toJson.ts';
import { countOf, endSentence, listOf, scriptLine } from './sentences.ts';
import { weightOf } from './weight.ts';

/** A finding where it is told: once, though several evaluations have it. */
export interface ToldFinding {
  readonly finding: JsonFinding;
  /** The report that has it, and its document; of several, those of the first. */
  readonly report: Report;
  readonly document: JsonReport;
  /** The origin to repair first, else the target's file; undefined where there is no file at all. */
  readonly place: JsonRange | undefined;
  /** What it brings in, in words; undefined where that is nothing. */
  readonly weight: string | undefined;
  /** The baseline knows it. */
  readonly isKnown: boolean;
  /** Names of the evaluations that have it; empty where there is only one. */
  readonly seenIn: readonly string[];
}

/**
 * The findings of all evaluations, the worst first.
 *
 * @param root what files are relative to
 */
export function toldFindings({ evaluations }: CheckResults, root: string): ToldFinding[] {
  const found = evaluations.flatMap((evaluation) => {
    const { outcome } = evaluation;
    if (outcome.kind === 'failed') return [];
    return [outcome.report, knownPart(outcome)].flatMap((report, index) => {
      const isKnown = index === 1;
      const document = isKnown ? toJson(report, [], root, outcome.fingerprints) : documentOf(outcome, root);
      return report.findings.flatMap((found, number) => {
        const finding = document.findings[number];
        if (!finding) return [];
        const key = keyAcrossReports(found, found.origins[0]?.source ?? finding.fingerprint, report);
        const weight = weightOf(found);
        return [{ key: `${isKnown} ${key}`, finding, report, document, weight, isKnown, evaluation }];
      });
    });
  });
  const told = [...groupBy(found, ({ key }) => key).values()].map(([first, ...others]): ToldFinding => {
    const { evaluation, finding, report, document, weight, isKnown } = first;
    return {
      finding,
      report,
      document,
      weight,
      isKnown,
      place: first.finding.origins[0] ?? targetPlaceOf(evaluation, first.report, root),
      seenIn:
        evaluations.length > 1
          ? [evaluation, ...others.map((other) => other.evaluation)].map(nameOfResult)
          : [],
    };
  });
  const rank = ({ finding }: ToldFinding): number => severities.indexOf(finding.severity);
  return told.sort((one, other) => rank(one) - rank(other));
}

function knownPart({ report, known }: JudgedOutcome): PolicedReport {
  return withLeaks(report, known);
}

/** The first line of the target's file, else of the first file that the evaluation read. */
export function targetPlaceOf(
  { target }: Pick<EvaluationResult, 'target'>,
  report: Pick<Report, 'filesRead'> | undefined,
  root: string,
): JsonRange | undefined {
  const named = fileOfTarget(target) ?? report?.filesRead?.[0];
  if (named === undefined) return undefined;
  // Of a folder, Nix reads this file.
  const file = named.endsWith('.nix') ? named : `${named}/default.nix`;
  return { file: displayPath(file, root), line: 1, column: 1, endLine: 1, endColumn: 1 };
}

/** What is wrong, why, how much comes in and where it was seen: sentences. */
export function sentencesOf({ finding, document, weight, seenIn }: ToldFinding): string[] {
  const { explanation, cause, leaks, scripts = [] } = finding;
  const [script] = scripts;
  return [
    explanation,
    ...(leaks.length > 1
      ? [`${countOf(leaks.length, 'input')} come in here: ${namesOf(finding, document)}`]
      : []),
    ...(script
      ? [
          `Line ${script.line} of ${script.variable}${script.of === undefined ? '' : ` of ${script.of}`}: ${scriptLine(script.text)}`,
        ]
      : []),
    ...(cause ? [cause.message] : []),
    ...(weight === undefined ? [] : [weight.charAt(0).toUpperCase() + weight.slice(1)]),
    ...(seenIn.length > 0 ? [`Seen in ${listOf(seenIn)}`] : []),
  ].map(endSentence);
}

function namesOf({ leaks }: JsonFinding, document: JsonReport): string {
  return listOf(leaks.map((index) => document.leaks[index]?.input.name ?? ''));
}
