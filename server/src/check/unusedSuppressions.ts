import { groupBy } from '../model/groupBy.ts';
import type { RuleId, RuleLevel, Severity } from '../model/judgement.ts';
import type { SourceRange } from '../model/location.ts';
import { suppressionKey, type Suppression, type SuppressionEdit } from '../model/suppression.ts';
import { levelOf, type PolicedReport } from './policy.ts';
import { ruleTable } from './ruleTable.ts';

/** A suppression that is not heeded, or that allows nothing. */
export interface SuppressionFinding {
  readonly severity: Severity;
  /** The comment. */
  readonly source: SourceRange;
  /** Sentences for people. */
  readonly message: string;
  /** True where it can be read, and nothing is lost without it. */
  readonly isUnused: boolean;
  /** What mends it, the best first. */
  readonly edits: readonly SuppressionEdit[];
}

/** The rule under which these are reported; a suppression that names it as well may be unused. */
const own: RuleId = 'unused-suppression';

/**
 * What is wrong with the suppressions of all that was evaluated together.
 * Only files that an evaluation really read are spoken of. A suppression is
 * unused where none of the evaluations that read its file needed it, and each
 * of them could tell: it saw the same text, its whole closure, and all that
 * probes show. A rule that is off somewhere finds nothing there, so nobody can
 * tell whether its suppressions are needed.
 */
export function findUnusedSuppressions(reports: readonly PolicedReport[]): SuppressionFinding[] {
  const comments = reports.flatMap(({ suppressions: { all, problems } }) => [...all, ...problems]);
  const files = [...groupBy(comments, ({ source }) => source.file).keys()];
  const ofReports = reports.map((report) => ({
    report,
    read: new Set(report.filesRead),
    all: groupBy(report.suppressions.all, ({ source }) => source.file),
    problems: groupBy(report.suppressions.problems, ({ source }) => source.file),
  }));
  return files.flatMap((file) => {
    const reading = ofReports.filter(({ read }) => read.has(file));
    const readers = reading.map(({ report }) => report);
    const [first] = reading;
    const severity = worst(
      readers.map(({ levels }) => levelOf({ rule: own, severity: ruleTable[own].severity }, levels)),
    );
    if (!first || severity === 'off') return [];
    const unheeded = (first.problems.get(file) ?? []).map((problem): SuppressionFinding => ({
      ...problem,
      severity,
      isUnused: false,
    }));
    const canTell = readers.every(
      ({ sources, probes, graph }) =>
        sources.get(file) === first.report.sources.get(file) && probes.level === 0 && graph.gaps.length === 0,
    );
    const unused = canTell
      ? (first.all.get(file) ?? []).flatMap((suppression) => unusedIn(suppression, readers, severity))
      : [];
    return [...unheeded, ...unused];
  });
}

function unusedIn(
  suppression: Suppression,
  readers: readonly PolicedReport[],
  severity: Severity,
): SuppressionFinding[] {
  const { source, rules, named, removal, line } = suppression;
  if (rules.includes(own) && rules.length > 1) return [];
  const key = suppressionKey(suppression);
  const unused = rules.filter((rule) =>
    readers.every(({ levels, used }) => levels[rule] !== 'off' && used.get(key)?.has(rule) !== true),
  );
  if (unused.length === 0) return [];
  const names = unused.map((rule) => `\`${rule}\``).join(' and ');
  const where =
    line === undefined || line === source.range.start.line ? 'here' : `that starts in line ${line + 1}`;
  const finds = `${names} ${unused.length > 1 ? 'find' : 'finds'} nothing ${where}`;
  const rest = rules.filter((rule) => !unused.includes(rule));
  const isWhole = rest.length === 0;
  return [
    {
      severity,
      source,
      isUnused: isWhole,
      message: isWhole ? `This suppression is not needed: ${finds}.` : `${finds}, and need not be allowed.`,
      edits: [
        isWhole
          ? { ...removal, title: 'Remove the suppression', newText: '' }
          : { ...named, title: `Remove ${names} from the suppression`, newText: rest.join(', ') },
      ],
    },
  ];
}

function worst(levels: readonly RuleLevel[]): RuleLevel {
  return (['error', 'warning', 'info'] as const).find((level) => levels.includes(level)) ?? 'off';
}
