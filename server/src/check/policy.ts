import { atOnce, type Steps } from '../model/slices.ts';
import type { Leak, RuleId, RuleLevel, RuleLevels, Severity } from '../model/judgement.ts';
import { suppressionKey, type SourceSuppressions, type Suppression } from '../model/suppression.ts';
import { findingsInSteps, findingsOf, type Finding } from './findings.ts';
import { leakOf, pathOfLeak } from './leaks.ts';
import type { AttributedLeak, Report } from '../model/report.ts';
import { severities } from './rules.ts';
import { ruleTable } from './ruleTable.ts';
import { pathsFromRoot, type PathsFromRoot } from './shortestPaths.ts';

/** A leak, or the part of one, that somebody allowed in the source. */
export interface SuppressedLeak {
  readonly leak: AttributedLeak;
  /** At least one. */
  readonly suppressions: readonly Suppression[];
}

/** A report as all answers are made of it: with the severities that people want, and without what they allow. */
export interface PolicedReport extends Report {
  /** What is told of its leaks: each is in one of them. The worst first. */
  readonly findings: readonly Finding[];
  readonly levels: RuleLevels;
  readonly suppressions: SourceSuppressions;
  readonly suppressed: readonly SuppressedLeak[];
  /** The rules that each suppression was needed for, by its key. */
  readonly used: ReadonlyMap<string, ReadonlySet<RuleId>>;
}

/**
 * How a finding is reported under the levels that people set. A level replaces
 * `error` and `warning` alike, so it may lower a rule as well as raise it, also
 * where the judgement rests on an assumption: that is for whoever sets it to
 * say. A note (`info`) of a rule stays one, since it tells that there is
 * nothing to repair; unless the rule never gives anything but notes.
 */
export function levelOf(
  { rule, severity }: { readonly rule: RuleId; readonly severity: Severity },
  levels: RuleLevels,
): RuleLevel {
  const level = levels[rule] ?? severity;
  if (level === 'off') return level;
  return severity === 'info' && ruleTable[rule].severity !== 'info' ? severity : level;
}

/** A leak under these levels; undefined where all that speaks against it is off. */
export function withLevels<Found extends Leak>(leak: Found, levels: RuleLevels): Found | undefined {
  const relevel = <Part extends { rule: RuleId; severity: Severity }>(part: Part): Part[] => {
    const severity = levelOf(part, levels);
    if (severity === 'off') return [];
    return [severity === part.severity ? part : { ...part, severity }];
  };
  const edges = leak.edges.flatMap(relevel);
  const faults = leak.faults.flatMap(relevel);
  if (edges.length + faults.length === 0) return undefined;
  return { ...leak, ...leakOf(leak.input, edges, faults, leak.path) };
}

/** What was made of a report last. */
const known = new WeakMap<Report, PolicedReport>();

/**
 * Applies what people want of the rules, and what their sources allow. A
 * suppression allows the edges and faults of the rules that it names, and
 * nothing else of a leak. The report itself stays as it is, its judgement
 * included. At one go, unless {@link policeInSteps} has just made the same.
 */
export function applyPolicy(
  report: Report,
  levels: RuleLevels,
  suppressions: SourceSuppressions,
): PolicedReport {
  const former = known.get(report);
  const isSame = former?.suppressions === suppressions && sameLevels(former.levels, levels);
  return isSame ? former : atOnce(policeInSteps(report, levels, suppressions));
}

/** True where no rule has another level. */
export function sameLevels(one: RuleLevels, other: RuleLevels): boolean {
  const text = (levels: RuleLevels): string => JSON.stringify(Object.entries(levels).sort());
  return text(one) === text(other);
}

/** After how many leaks others may have their turn. */
const leaksOfStep = 25;

/** The same in steps. */
export function* policeInSteps(
  report: Report,
  levels: RuleLevels,
  suppressions: SourceSuppressions,
): Steps<PolicedReport> {
  const leaks: AttributedLeak[] = [];
  const suppressed: SuppressedLeak[] = [];
  const used = new Map<string, Set<RuleId>>();
  let paths: PathsFromRoot | undefined;
  for (const [place, found] of report.leaks.entries()) {
    if (place % leaksOfStep === 0) yield;
    const leak = withLevels(found, levels);
    if (!leak) continue;
    const here = suppressions.byLeak.get(leak.input) ?? [];
    const allowing = ({ rule }: { rule: RuleId }): Suppression[] =>
      here.filter(({ rules }) => rules.includes(rule));
    const isAllowed = (part: { rule: RuleId }): boolean => allowing(part).length > 0;
    const parts = [...leak.edges, ...leak.faults];
    if (!parts.some(isAllowed)) {
      leaks.push(leak);
      continue;
    }
    const ways = (paths ??= yield* pathsFromRoot(report.graph));
    /** The leak with some of its edges and faults, where there are any. */
    const partOf = (isWanted: (part: { rule: RuleId }) => boolean): AttributedLeak[] => {
      const edges = leak.edges.filter(isWanted);
      const faults = leak.faults.filter(isWanted);
      if (edges.length + faults.length === 0) return [];
      const path = edges.length === leak.edges.length ? leak.path : pathOfLeak(leak.input, edges, ways);
      return [{ ...leak, ...leakOf(leak.input, edges, faults, path) }];
    };
    leaks.push(...partOf((part) => !isAllowed(part)));
    const allowed = parts.filter(isAllowed);
    const needed = new Set(allowed.flatMap(allowing));
    suppressed.push(...partOf(isAllowed).map((part) => ({ leak: part, suppressions: [...needed] })));
    for (const part of allowed) {
      for (const suppression of allowing(part)) {
        const key = suppressionKey(suppression);
        used.set(key, (used.get(key) ?? new Set()).add(part.rule));
      }
    }
  }
  const rank = ({ severity }: Leak): number => severities.indexOf(severity);
  leaks.sort((one, other) => rank(one) - rank(other));
  const findings = yield* findingsInSteps({ leaks });
  const policed = { ...report, leaks, findings, levels, suppressions, suppressed, used };
  known.set(report, policed);
  return policed;
}

/** The report as if it had only some of its leaks. */
export function withLeaks(report: PolicedReport, leaks: readonly AttributedLeak[]): PolicedReport {
  return { ...report, leaks, findings: findingsOf({ leaks }) };
}

/** What was suppressed in a report; nothing in one as a run brings it. */
export function suppressedIn(report: Report | PolicedReport): readonly SuppressedLeak[] {
  return 'suppressed' in report ? report.suppressed : [];
}
