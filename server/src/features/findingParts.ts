import type { Finding, Leaks } from '../check/findings.ts';
import type { PolicedReport } from '../check/policy.ts';
import { groupBy } from '../model/groupBy.ts';
import type { Severity } from '../model/judgement.ts';
import type { Origin } from '../model/report.ts';

/**
 * What an editor tells at one expression: the leaks of a finding that come in
 * there. Findings without an expression are all told at the target, those of
 * one rule and severity together: a long row of messages at one place is read
 * by nobody.
 */
export interface FindingPart {
  /** One, unless there is no expression. */
  readonly findings: readonly [Finding, ...Finding[]];
  readonly leaks: Leaks;
  readonly origin: Origin | undefined;
  readonly severity: Severity;
}

/** The parts of a report's findings, in their order. */
export function partsOf({ findings }: Pick<PolicedReport, 'findings'>): FindingPart[] {
  const places = findings.flatMap((finding) => finding.places.map((place) => ({ finding, place })));
  const told = groupBy(places, ({ finding: { severity }, place }) =>
    place.origin ? place : `${severity} ${place.leaks[0].rule}`,
  );
  return [...told.values()].map((group) => {
    const [{ finding, place }, ...others] = group;
    const [worst, ...rest] = place.leaks;
    return {
      findings: [finding, ...others.map((other) => other.finding)],
      leaks: [worst, ...rest, ...others.flatMap((other) => other.place.leaks)],
      origin: place.origin,
      severity: finding.severity,
    };
  });
}
