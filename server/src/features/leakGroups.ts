import type { AttributedLeak, Origin, Report } from '../check/report.ts';
import type { Severity } from '../model/judgement.ts';
import type { SourceRange } from '../model/location.ts';

/** Leaks that come in at one place and have one cause: told together. */
export interface LeakGroup {
  /** At least one, the worst first. */
  readonly leaks: readonly [AttributedLeak, ...AttributedLeak[]];
  /** Undefined where no expression of the workspace was seen to have the value. */
  readonly origin: Origin | undefined;
  readonly severity: Severity;
}

/** All leaks of a report by first origin and cause, in the report's order. */
export function groupLeaks({ leaks }: Report): LeakGroup[] {
  const groups = new Map<string, [AttributedLeak, ...AttributedLeak[]]>();
  for (const leak of leaks) {
    const key = [leak.origins[0]?.source, leak.cause?.source].map(placeOf).join(' ') + leak.severity;
    const group = groups.get(key);
    if (group) group.push(leak);
    else groups.set(key, [leak]);
  }
  return [...groups.values()].map((group) => ({
    leaks: group,
    origin: group[0].origins[0],
    severity: group[0].severity,
  }));
}

function placeOf(source: SourceRange | undefined): string {
  if (!source) return '-';
  const { start, end } = source.range;
  return `${source.file}:${start.line}:${start.character}-${end.line}:${end.character}`;
}
