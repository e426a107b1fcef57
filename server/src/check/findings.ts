import { groupBy } from '../model/groupBy.ts';
import { atOnce, type Steps } from '../model/slices.ts';
import { sortInSteps } from '../model/sortInSteps.ts';
import type { Severity } from '../model/judgement.ts';
import { comparePositions, placeKey, type SourceRange } from '../model/location.ts';
import {
  decisiveCause,
  type AttributedLeak,
  type CauseId,
  type Origin,
  type Report,
} from '../model/report.ts';
import { severities } from './rules.ts';

/** Some leaks, at least one, the worst first. */
export type Leaks = readonly [AttributedLeak, ...AttributedLeak[]];

/** What is told of once: the leaks of one cause and one severity. */
export interface Finding {
  readonly leaks: Leaks;
  readonly severity: Severity;
  readonly cause: CauseId;
  /** Where the leaks come in, without repetition, the place to repair first; empty where none was seen. */
  readonly origins: readonly Origin[];
  /** The same leaks by the expression to repair first of each. */
  readonly places: readonly FindingPlace[];
  /** Foreign derivations that leave the closure when the cause is repaired. */
  readonly bringsIn: number;
  /** How many more leaks have this cause, which other findings tell of. */
  readonly othersOfCause: number;
}

/** The leaks of a finding that come in at one expression. */
export interface FindingPlace {
  /** Undefined where no expression of the workspace was seen to have the value. */
  readonly origin: Origin | undefined;
  readonly leaks: Leaks;
}

/** The findings of a report: the worst first, then by what they bring in and where they stand. */
export function findingsOf(report: Pick<Report, 'leaks'>): Finding[] {
  return atOnce(findingsInSteps(report));
}

/** The same in steps. */
export function* findingsInSteps({ leaks }: Pick<Report, 'leaks'>): Steps<Finding[]> {
  const inputsOfCause = groupBy(leaks, ({ cause }) => cause);
  // What has no place is gathered by its rule, which the levels of the rules may change.
  const groups = groupBy(leaks, ({ severity, cause, origins, rule }) =>
    [severity, cause, origins.length > 0 ? '' : rule].join(' '),
  );
  yield;
  const findings: Finding[] = [];
  for (const [place, group] of [...groups.values()].entries()) {
    if (place % groupsOfStep === 0) yield;
    const [{ severity, cause }] = group;
    const origins = groupBy(
      group.flatMap((leak) => leak.origins),
      ({ source }) => placeKey(source),
    );
    const places = groupBy(group, (leak) => leak.origins[0] && placeKey(leak.origins[0].source));
    findings.push({
      leaks: group,
      severity,
      cause,
      origins: [...origins.values()].map(([origin]) => origin),
      places: [...places.values()].map((at) => ({ origin: at[0].origins[0], leaks: at })),
      bringsIn: group.reduce((most, { bringsIn }) => Math.max(most, bringsIn), 0),
      othersOfCause: (inputsOfCause.get(cause)?.length ?? 0) - group.length,
    });
  }
  return yield* sortInSteps(
    findings,
    (one, other) =>
      severities.indexOf(one.severity) - severities.indexOf(other.severity) ||
      other.bringsIn - one.bringsIn ||
      compareOrigins(one.origins[0], other.origins[0]),
  );
}

/** After how many findings others may have their turn. */
const groupsOfStep = 50;

/** By file and line; what has no place comes last. */
function compareOrigins(one: Origin | undefined, other: Origin | undefined): number {
  if (!one || !other) return Number(!one) - Number(!other);
  if (one.source.file !== other.source.file) return one.source.file < other.source.file ? -1 : 1;
  return comparePositions(one.source.range.start, other.source.range.start);
}

/**
 * The same for findings of several reports that are one to a reader: of one
 * rule and severity, at one place, for one cause. In one report no two are.
 *
 * @param place where the finding is told
 */
export function keyAcrossReports(
  { leaks: [leak], severity }: Pick<Finding, 'leaks' | 'severity'>,
  place: SourceRange | string | undefined,
  report: Pick<Report, 'causes'>,
): string {
  const source = decisiveCause(leak, report)?.source;
  return JSON.stringify([leak.rule, severity, place, source, leak.reason?.kind]);
}
