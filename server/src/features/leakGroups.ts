import { keyOfPlace } from '../check/findings.ts';
import type { AttributedLeak, Origin, Report } from '../model/report.ts';
import { groupBy } from '../model/groupBy.ts';
import type { Severity } from '../model/judgement.ts';

/**
 * Leaks that come in at one place and have one cause: told together. Those
 * without either are all shown at the target, one group for each rule. (In a
 * list, `check/findings.ts` gathers by the place to repair.)
 */
export interface LeakGroup {
  /** At least one, the worst first. */
  readonly leaks: readonly [AttributedLeak, ...AttributedLeak[]];
  /** Undefined where no expression of the workspace was seen to have the value. */
  readonly origin: Origin | undefined;
  readonly severity: Severity;
}

/** All leaks of a report by first origin and cause, in the report's order. */
export function groupLeaks({ leaks }: Pick<Report, 'leaks'>): LeakGroup[] {
  return [...groupBy(leaks, keyOf).values()].map((group) => ({
    leaks: group,
    origin: group[0].origins[0],
    severity: group[0].severity,
  }));
}

function keyOf({ origins: [origin], cause, severity, rule }: AttributedLeak): string {
  const places = [origin?.source, cause?.source].map((source) => (source ? keyOfPlace(source) : '-'));
  return [severity, ...places, origin || cause?.source ? '' : rule].join(' ');
}
