import { groupBy } from '../model/groupBy.ts';
import type { Severity } from '../model/judgement.ts';
import { comparePositions, type SourceRange } from '../model/location.ts';
import type { AttributedLeak, Cause, Origin, Report } from '../model/report.ts';
import { severities } from './rules.ts';

/**
 * What is told of once: all leaks of one cause, so that one line of source gives
 * one finding. Leaks without a cause in the source belong together where they
 * come in at one place; one without either stands alone with those of its name.
 */
export interface Finding {
  /** At least one, the worst first. */
  readonly leaks: readonly [AttributedLeak, ...AttributedLeak[]];
  readonly severity: Severity;
  readonly cause?: Cause;
  /** Where the leaks come in, without repetition, the place to repair first; empty where none was seen. */
  readonly origins: readonly Origin[];
}

/** Groups the leaks of a report: the worst first, then by what they bring in and where they stand. */
export function findingsOf({ leaks, graph }: Pick<Report, 'leaks' | 'graph'>): Finding[] {
  const groups = groupBy(
    leaks,
    (leak) =>
      `${leak.severity} ${placeToRepair(leak) ?? `${leak.rule} ${graph.derivation(leak.input).name}`}`,
  );
  const findings = [...groups.values()].map((group) => {
    const [{ severity, cause }] = group;
    const origins = groupBy(
      group.flatMap((leak) => leak.origins),
      ({ source }) => keyOfPlace(source),
    );
    return {
      leaks: group,
      severity,
      ...(cause && { cause }),
      origins: [...origins.values()].map(([origin]) => origin),
    };
  });
  return findings.sort(
    (one, other) =>
      severities.indexOf(one.severity) - severities.indexOf(other.severity) ||
      other.leaks[0].bringsIn - one.leaks[0].bringsIn ||
      compareOrigins(one.origins[0], other.origins[0]),
  );
}

/** By file and line; what has no place comes last. */
function compareOrigins(one: Origin | undefined, other: Origin | undefined): number {
  if (!one || !other) return Number(!one) - Number(!other);
  if (one.source.file !== other.source.file) return one.source.file < other.source.file ? -1 : 1;
  return comparePositions(one.source.range.start, other.source.range.start);
}

function placeToRepair({ cause, origins }: AttributedLeak): string | undefined {
  const place = cause && cause.kind !== 'unknown' ? cause.source : undefined;
  const source = place ?? origins[0]?.source;
  return source && keyOfPlace(source);
}

/** The same for equal places, and for them only. */
export function keyOfPlace({ file, range: { start, end } }: SourceRange): string {
  return `${file}:${start.line}:${start.character}-${end.line}:${end.character}`;
}
