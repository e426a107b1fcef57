import type { Severity } from '../model/judgement.ts';
import { explainedRule, isExplained } from '../check/ruleHelp.ts';
import type { JsonRange } from './json.ts';
import { documentOf, subjectOf, type CheckResults, type FormatContext } from './results.ts';
import { dependenceJson } from './dependenceText.ts';
import { plainPaint } from './paint.ts';
import { proofWords } from './proofWords.ts';
import { headingOf } from './toText.ts';
import { targetPlaceOf, sentencesOf, toldFindings } from './toldFindings.ts';
import { rangeJson } from './toJson.ts';
import { unusedSuppressionJson } from './unusedSuppression.ts';
import { annotationMessage, annotationProperty, terminalText } from './shown.ts';
import { countOf, endSentence } from './sentences.ts';

/** GitHub's commands for annotations ("Workflow commands for GitHub Actions"). */
const commands: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'notice' };

/** Annotations at the lines of a pull request, printed by a step of a GitHub workflow; then a line for each closure. */
export function resultsGithub(results: CheckResults, { sourceRoot }: FormatContext): string {
  const lines = toldFindings(results, sourceRoot)
    .filter(({ isKnown }) => !isKnown)
    .map((told) => {
      const { rule, severity, fixes } = told.finding;
      const title = isExplained(rule) ? explainedRule(rule).title : rule;
      const repairs = fixes
        .filter(({ proven }) => proven)
        .map((fix) => `Repair: ${fix.title} (${proofWords(fix)}).`);
      return annotation(severity, told.place, title, [sentencesOf(told).join(' '), ...repairs].join('\n'));
    });
  const verdicts: string[] = [];
  for (const evaluation of results.evaluations) {
    const { outcome } = evaluation;
    if (outcome.kind === 'judged') {
      const { gaps } = outcome.report.graph;
      if (gaps.length > 0)
        lines.push(
          annotation(
            'warning',
            targetPlaceOf(evaluation, outcome.report, sourceRoot),
            'A closure that could not be read whole',
            `${countOf(gaps.length, 'derivation')} could not be read, and nothing below was judged. ${gaps[0]?.message ?? ''}`,
          ),
        );
      verdicts.push(headingOf(documentOf(outcome, sourceRoot), plainPaint));
      continue;
    }
    for (const { message, source, advice } of outcome.errors) {
      const place = source ? rangeJson(source, sourceRoot) : targetPlaceOf(evaluation, undefined, sourceRoot);
      const title = `${subjectOf(evaluation)} could not be evaluated`;
      lines.push(annotation('error', place, title, [message, advice ?? ''].filter(Boolean).join('\n')));
    }
  }
  for (const finding of results.unusedSuppressions) {
    const { rule, severity, message, ...place } = unusedSuppressionJson(finding, sourceRoot);
    lines.push(annotation(severity, place, explainedRule(rule).title, message));
  }
  for (const { label, found } of results.dependences) {
    const { severity, systems, places } = dependenceJson(label, found, sourceRoot);
    for (const place of places)
      lines.push(
        annotation(
          severity,
          place,
          `${label === '' ? 'The target' : label} depends on the machine that evaluates it`,
          `Its roots as ${systems.join(' and ')} differ. ${endSentence(place.message)}`,
        ),
      );
  }
  return lines.map((line) => `${line}\n`).join('') + terminalText(verdicts);
}

/** One command; columns are left out where it spans several lines, as GitHub wants it. */
export function annotation(
  severity: Severity,
  place: JsonRange | undefined,
  title: string,
  message: string,
): string {
  const properties = {
    ...(place && { file: place.file, line: place.line, endLine: place.endLine }),
    ...(place?.line === place?.endLine && place && { col: place.column, endColumn: place.endColumn }),
    title,
  };
  const listed = Object.entries(properties).map(
    ([name, value]) => `${name}=${annotationProperty(String(value))}`,
  );
  return `::${commands[severity]} ${listed.join(',')}::${annotationMessage(message)}`;
}
