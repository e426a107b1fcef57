import { isAbsolute } from 'node:path';
import { isPlace, type JsonFinding, type JsonRange } from './json.ts';
import { diffOf } from './diff.ts';
import {
  countVerdicts,
  documentOf,
  subjectOf,
  verdictOfEvaluation,
  type CheckResults,
  type EvaluationResult,
  type FormatContext,
  type Verdict,
} from './results.ts';
import { proofWords } from './proofWords.ts';
import { dependenceJson } from './dependenceText.ts';
import { displayPath } from './toJson.ts';
import { consumersOf, countsOf, placeOf, verdictOf } from './toText.ts';
import { toldFindings, type ToldFinding } from './toldFindings.ts';
import { unusedSuppressionJson } from './unusedSuppression.ts';
import { code, codeBlock, hostedMarkdown, html, printedPage, visible, wellFormed } from './shown.ts';
import { countOf, endSentence, formatNumber, listOf, oneLine, scriptLine } from './sentences.ts';

const signs: Readonly<Record<Verdict, string>> = { clean: '✅', warned: '⚠️', leaking: '❌', unknown: '❓' };
const findingSigns = { error: '❌', warning: '⚠️', info: 'ℹ️' } as const;

/** Findings that are told at length: a comment on GitHub has 65,536 characters at most. */
const mostFindings = 30;

/** A summary for a pull request: a table of evaluations, and a part to unfold for each finding. */
export function resultsMarkdown(results: CheckResults, { sourceRoot }: FormatContext): string {
  const told = toldFindings(results, sourceRoot).filter(
    ({ isKnown, finding }) => !isKnown && finding.severity !== 'info',
  );
  const rest = told.length - mostFindings;
  const blocks = [
    `## ${title(results)}`,
    table(results, sourceRoot),
    ...told.slice(0, mostFindings).map((finding) => details(finding, results, sourceRoot)),
    ...(rest > 0 ? [`And ${formatNumber(rest)} more.`] : []),
    ...suppressions(results, sourceRoot),
    ...results.evaluations.flatMap((evaluation) => failure(evaluation, sourceRoot)),
    ...results.dependences.map(({ label, found }) => {
      const { systems, places } = dependenceJson(label, found, sourceRoot);
      const rows = places.map((place) => `- ${link(place)} ${hostedMarkdown(place.message)}`);
      const subject = label === '' ? 'The target' : code(oneLine(label));
      return [
        `⚠️ ${subject} depends on the machine that evaluates it: its roots as ${systems.map(hostedMarkdown).join(' and ')} differ.`,
        '',
        ...rows,
      ].join('\n');
    }),
    ...(results.gone?.length
      ? [
          `${countOf(results.gone.length, 'known leak')} of the baseline ${results.gone.length === 1 ? 'is' : 'are'} gone.`,
        ]
      : []),
  ];
  return printedPage(`${blocks.join('\n\n')}\n`);
}

function title({ evaluations }: CheckResults): string {
  const { clean, warned = 0, leaking, unknown } = countVerdicts(evaluations);
  const sign = signs[unknown > 0 ? 'unknown' : leaking > 0 ? 'leaking' : warned > 0 ? 'warned' : 'clean'];
  if (evaluations.length === 1 || clean === evaluations.length)
    return `${sign} Platforms of ${evaluations.length === 1 ? 'the closure' : countOf(evaluations.length, 'closure')}`;
  return `${sign} Platforms: ${clean} of ${countOf(evaluations.length, 'closure')} clean`;
}

function table({ evaluations }: CheckResults, root: string): string {
  const rows = evaluations.map((evaluation) => {
    const { outcome, label, evaluateAs } = evaluation;
    const sign = signs[verdictOfEvaluation(evaluation)];
    if (outcome.kind === 'failed')
      return [cellCode(label || '–'), hostedMarkdown(evaluateAs ?? ''), '', `${sign} could not be evaluated`];
    const document = documentOf(outcome, root);
    const name = label === '' ? document.root.name : label;
    return [
      cellCode(name),
      hostedMarkdown(document.evaluatedAs),
      hostedMarkdown(countsOf(document)),
      `${sign} ${hostedMarkdown(verdictOf(document))}`,
    ];
  });
  return [['Target', 'Evaluated as', 'Closure', 'Result'], ['---', '---', '---', '---'], ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

/** Code in a cell, which a bar would end. */
function cellCode(text: string): string {
  return code(oneLine(text)).replaceAll('|', '\\|');
}

function details(told: ToldFinding, results: CheckResults, root: string): string {
  const { finding, document, place, weight, seenIn } = told;
  const { explanation, severity, origins, cause, rule } = finding;
  const [origin, ...others] = origins;
  const inputs = finding.leaks.flatMap((index) => document.leaks[index] ?? []);
  const item = (label: string, text: string): string => `- **${label}:** ${text}`;
  const items = [
    origin
      ? item('Where', `${link(origin)} ${code(oneLine(origin.text, 100))}`)
      : item(
          'Where',
          `no expression of the workspace was seen to have this value${place ? ` (${link(place)})` : ''}`,
        ),
    ...(others.length > 0 ? [item('Also', listOf(others.map(link), 4))] : []),
    ...(finding.scripts ?? [])
      .slice(0, 3)
      .map(({ variable, line, text, of }) =>
        item(
          'Script',
          `line ${line} of ${code(variable)}${of === undefined ? '' : ` of ${code(of)}`}: ${code(scriptLine(text))}`,
        ),
      ),
    ...(cause
      ? [
          item(
            'Why',
            `${isPlace(cause) ? `${link(cause)} ` : ''}${hostedMarkdown(endSentence(cause.message))}`,
          ),
        ]
      : []),
    ...inputs
      .slice(0, 5)
      .flatMap((leak) => [
        item(
          'Input',
          `${code(leak.input.name)} (${hostedMarkdown(leak.input.buildSystem)}): ${hostedMarkdown(consumersOf(leak))}`,
        ),
        item('Path', leak.path.map((name) => code(name)).join(' → ')),
      ]),
    ...(inputs.length > 5 ? [item('Input', `and ${formatNumber(inputs.length - 5)} more`)] : []),
    ...(weight === undefined ? [] : [item('Weight', weight)]),
    ...(seenIn.length > 0 ? [item('Seen in', seenIn.map((name) => code(oneLine(name))).join(', '))] : []),
    item('Rule', code(rule)),
  ];
  const summary = `${findingSigns[severity]} ${place ? `${html(placeOf(place))}: ` : ''}${html(explanation)}`;
  return [
    `<details><summary>${summary}</summary>`,
    items.join('\n'),
    ...repairs(finding, told, results, root),
    '</details>',
  ].join('\n\n');
}

/** Comments that allow nothing, or are not heeded, in a list. */
function suppressions({ unusedSuppressions }: CheckResults, root: string): string[] {
  const rows = unusedSuppressions.map((finding) => {
    const { severity, message, ...place } = unusedSuppressionJson(finding, root);
    return `- ${findingSigns[severity]} ${link(place)} ${hostedMarkdown(message)}`;
  });
  return rows.length === 0 ? [] : [rows.join('\n')];
}

/** Proven repairs only: another one may make it worse. */
function repairs(
  finding: JsonFinding,
  { report }: ToldFinding,
  { evaluations }: CheckResults,
  root: string,
): string[] {
  const inputs = finding.leaks.map((index) => report.leaks[index]?.input);
  return evaluations
    .flatMap(({ outcome }) => (outcome.kind === 'judged' && outcome.report === report ? outcome.fixes : []))
    .filter((fix) => fix.repairs.some((input) => inputs.includes(input)))
    .flatMap(({ title: name, edits, proof }) => {
      if (proof.kind !== 'proven') return [];
      const lines = diffOf(edits, report.sources, (file) => visible(displayPath(file, root)));
      return [
        `**Repair:** ${hostedMarkdown(name)} (${hostedMarkdown(proofWords({ proven: true, ...(proof.isPartial && { partial: true }), proof: proof.statement }))})`,
        codeBlock('diff', lines),
      ];
    });
}

function failure(evaluation: EvaluationResult, root: string): string[] {
  const { outcome } = evaluation;
  if (outcome.kind === 'judged')
    return outcome.report.graph.gaps.map(({ message }) => `❓ ${hostedMarkdown(message)}`);
  return outcome.errors.map(({ message, source, advice }) => {
    const at = source ? ` (${html(displayPath(source.file, root))}:${source.range.start.line + 1})` : '';
    return [
      `❓ ${hostedMarkdown(subjectOf(evaluation))} could not be evaluated${at}:`,
      codeBlock('', [message, advice ?? ''].filter(Boolean).join('\n').split('\n')),
    ].join('\n\n');
  });
}

/** A link to the line, relative to the repository; what lies outside of it is only named. */
function link(range: JsonRange): string {
  const text = placeOf(range);
  if (isAbsolute(range.file) || range.file.startsWith('../')) return code(text);
  const path = wellFormed(range.file).split('/').map(encodeURIComponent).join('/');
  return `[${hostedMarkdown(oneLine(text, 200))}](${path.replace(/[()]/g, (sign) => (sign === '(' ? '%28' : '%29'))}#L${range.line})`;
}
