import { suppressedIn } from '../check/policy.ts';
import { decisiveCause, type AttributedLeak, type Report } from '../model/report.ts';
import { scriptPlaces } from '../check/scripts/scriptPlaces.ts';
import type { FindingPart } from './findingParts.ts';
import { indexOf } from './reportIndex.ts';
import { countOf, foreignWord, formatNumber, listOf, oneLine, scriptLine } from './editorMessages.ts';

/** What is wrong, in plain sentences: the broken promise, its weight, its cause. */
export function describePart(part: FindingPart, report: Report): string {
  const [leak] = part.leaks;
  const sentences = [
    brokenPromise(part, report),
    scriptPlace(part, report),
    weight(part, report),
    leak.reason?.message ?? '',
  ];
  return sentences.filter((sentence) => sentence !== '').join(' ');
}

/** The check's own sentence, told of the expression that stands in the source. */
function brokenPromise({ leaks: [leak], origin }: FindingPart, { graph }: Report): string {
  const { explanation } = leak;
  const { name } = graph.derivation(leak.input);
  if (!origin || origin.isScript || !explanation.startsWith(`${name} `)) return `${explanation}.`;
  const rest = explanation.slice(name.length + 1);
  const text = `\`${oneLine(origin.text)}\``;
  return origin.through === undefined ? `${text} ${rest}.` : `${text} brings in ${name}, which ${rest}.`;
}

/** Where a script shows it. */
function scriptPlace({ leaks }: FindingPart, { graph }: Report): string {
  const [place] = scriptPlaces(leaks.flatMap(({ edges, faults }) => [...edges, ...faults]));
  if (!place) return '';
  const whose = place.of === undefined ? '' : ` of ${graph.derivation(place.of).name}`;
  return `Line ${place.line} of ${place.variable}${whose}: \`${scriptLine(place.text)}\`.`;
}

/** The inputs besides the first, where nothing else tells of them. */
function besides(first: AttributedLeak, rest: readonly AttributedLeak[], { graph }: Report): string {
  if (rest.length === 0) return '';
  const names = listOf([...new Set(rest.map(({ input }) => graph.derivation(input).name))]);
  return `The same is true of ${countOf(rest.length, 'other input')} besides ${graph.derivation(first.input).name}: ${names}.`;
}

/** What the finding brings in, in its own number; of further findings only that there are some. */
function weight({ findings: [finding, ...further], leaks }: FindingPart, report: Report): string {
  const { graph } = report;
  const [first, ...rest] = leaks;
  if (finding.bringsIn === 0) return besides(first, rest, report);
  const word = foreignWord(indexOf(report).foreignSystems, graph.system(graph.root));
  const own = further.length > 0 ? finding.leaks : leaks;
  const names = listOf(own.map(({ input }) => graph.derivation(input).name));
  const inputs = own.length > 1 ? ` (${countOf(own.length, 'input')}: ${names})` : '';
  const root = graph.derivation(graph.root).name;
  const others = finding.leaks.length + finding.othersOfCause - own.length;
  const shared = decisiveCause(first, report) ? 'cause' : 'place';
  const together = others > 0 ? `, with ${countOf(others, 'other input')} of the same ${shared},` : '';
  const brings = `It${together} brings ${countOf(finding.bringsIn, `${word} derivation`)} into the closure of ${root}${inputs}.`;
  return [brings, besides(first, leaks.slice(own.length), report)].filter(Boolean).join(' ');
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
