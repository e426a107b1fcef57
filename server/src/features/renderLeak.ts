import { suppressedIn } from '../check/policy.ts';
import type { AttributedLeak, Report } from '../model/report.ts';
import { scriptPlaces } from '../check/scripts/scriptPlaces.ts';
import type { LeakGroup } from './leakGroups.ts';
import { indexOf } from './reportIndex.ts';
import { countOf, foreignWord, formatNumber, listOf, oneLine, scriptLine } from './wording.ts';

/** What is wrong, in plain sentences: the broken promise, its weight, its cause. */
export function describeGroup(group: LeakGroup, report: Report): string {
  const [leak] = group.leaks;
  const sentences = [
    brokenPromise(group, report),
    scriptPlace(group),
    weight(group, report),
    leak.cause?.message ?? '',
  ];
  return sentences.filter((sentence) => sentence !== '').join(' ');
}

/** The check's own sentence, told of the expression that stands in the source. */
function brokenPromise({ leaks: [leak], origin }: LeakGroup, { graph }: Report): string {
  const { explanation } = leak;
  const { name } = graph.derivation(leak.input);
  if (!origin || !explanation.startsWith(`${name} `)) return `${explanation}.`;
  const rest = explanation.slice(name.length + 1);
  const text = `\`${oneLine(origin.text)}\``;
  return origin.through === undefined ? `${text} ${rest}.` : `${text} brings in ${name}, which ${rest}.`;
}

/** Where a script shows it. */
function scriptPlace({ leaks }: LeakGroup): string {
  const [place] = scriptPlaces(leaks.flatMap(({ edges }) => edges));
  return place ? `Line ${place.line} of ${place.variable}: \`${scriptLine(place.text)}\`.` : '';
}

/** Leaks besides these that have the same cause: what they bring in is counted for all together. */
function othersOfCause(leaks: readonly AttributedLeak[], report: Report): number {
  const cause = leaks[0]?.cause;
  if (!cause?.source || cause.kind === 'unknown') return 0;
  const key = JSON.stringify(cause.source);
  return report.leaks.filter((other) => !leaks.includes(other) && JSON.stringify(other.cause?.source) === key)
    .length;
}

/** The inputs besides the first, where nothing else tells of them. */
function besides([first, ...rest]: LeakGroup['leaks'], { graph }: Report): string {
  if (rest.length === 0) return '';
  const names = listOf([...new Set(rest.map(({ input }) => graph.derivation(input).name))]);
  return `The same is true of ${countOf(rest.length, 'other input')} besides ${graph.derivation(first.input).name}: ${names}.`;
}

function weight({ leaks }: LeakGroup, report: Report): string {
  const { graph } = report;
  const [{ bringsIn }] = leaks;
  if (bringsIn === 0) return besides(leaks, report);
  const word = foreignWord(indexOf(report).foreignSystems, graph.system(graph.root));
  const names = listOf(leaks.map(({ input }) => graph.derivation(input).name));
  const inputs = leaks.length > 1 ? ` (${countOf(leaks.length, 'input')}: ${names})` : '';
  const root = graph.derivation(graph.root).name;
  const others = othersOfCause(leaks, report);
  const together = others > 0 ? `, with ${countOf(others, 'other input')} of the same cause,` : '';
  return `It${together} brings ${countOf(bringsIn, `${word} derivation`)} into the closure of ${root}${inputs}.`;
}

/** `1,819 derivations · 543 darwin-built through 2 inputs`, `1,819 derivations · no leaks`; what is suppressed is counted. */
export function summarize(report: Report): string {
  const { graph } = report;
  const { foreignCount, foreignSystems } = indexOf(report);
  const wrong = report.leaks.filter(isWrong);
  const word = foreignWord(foreignSystems, graph.system(graph.root));
  const verdict =
    wrong.length === 0
      ? 'no leaks'
      : foreignCount === 0
        ? countOf(wrong.length, 'leak')
        : `${formatNumber(foreignCount)} ${word} through ${countOf(wrong.length, 'input')}`;
  const suppressed = suppressedIn(report).length;
  const allowed = suppressed > 0 ? ` · ${formatNumber(suppressed)} suppressed` : '';
  return `${countOf(graph.size, 'derivation')} · ${verdict}${allowed}`;
}

/** Notes are no reason for alarm. */
export function isWrong({ severity }: AttributedLeak): boolean {
  return severity !== 'info';
}
