import { groupBy } from '../model/groupBy.ts';
import type { Severity } from '../model/judgement.ts';
import type { SourceRange } from '../model/location.ts';
import type { AttributedLeak, Cause, Origin, Report } from './report.ts';

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

/** Groups the leaks of a report, in its order: the worst finding first. */
export function findingsOf({ leaks, graph }: Pick<Report, 'leaks' | 'graph'>): Finding[] {
  const groups = groupBy(
    leaks,
    (leak) =>
      `${leak.severity} ${placeToRepair(leak) ?? `${leak.rule} ${graph.derivation(leak.input).name}`}`,
  );
  return [...groups.values()].map((group) => {
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
