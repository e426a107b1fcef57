import type { SystemDependence } from '../attribution/findSystemDependence.ts';
import type { PolicedReport } from '../check/policy.ts';
import type { AttributedLeak } from '../model/report.ts';
import type { SuppressionFinding } from '../check/unusedSuppressions.ts';
import type { Fix } from '../fixes/fix.ts';
import type { EvaluationError } from '../model/evaluationError.ts';
import type { System } from '../model/system.ts';
import type { EvaluationTarget } from '../model/target.ts';
import type { Fingerprint, Fingerprints } from './fingerprints.ts';
import type { JsonReport } from './json.ts';
import { toJson } from './toJson.ts';
import type { Paint } from './paint.ts';

/** All that one run of `check` found: what every format is made of. */
export interface CheckResults {
  readonly evaluations: readonly EvaluationResult[];
  readonly dependences: readonly { readonly label: string; readonly found: SystemDependence }[];
  /** Comments that allow nothing, or are not heeded. */
  readonly unusedSuppressions: readonly SuppressionFinding[];
  /** A list was asked for, even where it has one evaluation. */
  readonly isList: boolean;
  /** Entries of the baseline that no evaluation has any more; absent without a baseline. */
  readonly gone?: readonly Fingerprint[];
}

/** One target evaluated as one system. */
export interface EvaluationResult {
  /** Empty where the command line itself names the target. */
  readonly label: string;
  readonly target: EvaluationTarget;
  /** Undefined: this machine's. */
  readonly evaluateAs: System | undefined;
  readonly outcome: JudgedOutcome | FailedOutcome;
}

export interface FailedOutcome {
  readonly kind: 'failed';
  readonly errors: readonly EvaluationError[];
}

export interface JudgedOutcome {
  readonly kind: 'judged';
  /** Without the leaks that the baseline knows. */
  readonly report: PolicedReport;
  readonly known: readonly AttributedLeak[];
  readonly fixes: readonly Fix[];
  readonly fingerprints: Fingerprints;
}

/** How results are printed. */
export interface FormatContext {
  /** What file names are relative to for people: the working directory. */
  readonly directory: string;
  /** What they are relative to for machines: the top folder of the repository. */
  readonly sourceRoot: string;
  readonly version: string;
  readonly paint: Paint;
}

/** The report of an evaluation as a document. `directory` is what file names are relative to. */
export function documentOf(
  { report, known, fixes, fingerprints }: JudgedOutcome,
  directory: string,
): JsonReport {
  const document = toJson(report, fixes, directory, fingerprints);
  return known.length > 0 ? { ...document, known: known.length } : document;
}

/** `release.nix · build, as x86_64-darwin`; empty where there is nothing to tell apart. */
export function nameOfResult({ label, evaluateAs }: Pick<EvaluationResult, 'label' | 'evaluateAs'>): string {
  return [label, evaluateAs === undefined ? '' : `as ${evaluateAs}`].filter((part) => part !== '').join(', ');
}

/** The same within a sentence: `the target, as x86_64-darwin`. */
export function nameOfSubject(evaluation: Pick<EvaluationResult, 'label' | 'evaluateAs'>): string {
  return nameOfResult(evaluation.label === '' ? { ...evaluation, label: 'the target' } : evaluation);
}

/** Whom a sentence is about: `The target, as x86_64-darwin`. */
export function subjectOf(evaluation: Pick<EvaluationResult, 'label' | 'evaluateAs'>): string {
  return nameOfResult(evaluation.label === '' ? { ...evaluation, label: 'The target' } : evaluation);
}

/**
 * What an evaluation says of what could be read: nothing is wrong, there are
 * warnings, there is at least one leak at error level; or nothing certain.
 */
export type Verdict = 'clean' | 'warned' | 'leaking' | 'unknown';

/** What could not be evaluated or read may be wrong: nobody may take that for clean. */
export function verdictOfEvaluation({ outcome }: EvaluationResult): Verdict {
  if (outcome.kind === 'failed') return 'unknown';
  if (outcome.report.leaks.some((leak) => leak.severity === 'error')) return 'leaking';
  if (outcome.report.graph.gaps.length > 0) return 'unknown';
  return outcome.report.leaks.some((leak) => leak.severity === 'warning') ? 'warned' : 'clean';
}

/** How many evaluations say what. */
export function countVerdicts(evaluations: readonly EvaluationResult[]): {
  readonly evaluations: number;
  readonly clean: number;
  /** Those without an error, but with a warning; absent where there is none. */
  readonly warned?: number;
  readonly leaking: number;
  readonly unknown: number;
} {
  const verdicts = evaluations.map(verdictOfEvaluation);
  const count = (verdict: Verdict): number => verdicts.filter((other) => other === verdict).length;
  const warned = count('warned');
  return {
    evaluations: evaluations.length,
    clean: count('clean'),
    ...(warned > 0 && { warned }),
    leaking: count('leaking'),
    unknown: count('unknown'),
  };
}
