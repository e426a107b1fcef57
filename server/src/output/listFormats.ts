import { repairsText } from './repairsText.ts';
import { toText } from './toText.ts';
import { countVerdicts, documentOf, type CheckResults, type FormatContext } from './results.ts';
import { dependenceJson, dependenceText } from './dependenceText.ts';
import { unusedSuppressionJson, unusedSuppressionText } from './unusedSuppression.ts';
import { countOf } from './sentences.ts';
import { jsonText, terminalText } from './shown.ts';

/** For people: what was found, and then what repairs it. */
export function resultsText(results: CheckResults, context: FormatContext): string {
  return findingsText(results, context) + repairsText(results, context.directory, context.paint);
}

/** Every evaluation for people, in the order of the targets; what failed is told on standard error. */
export function findingsText(results: CheckResults, { directory, paint }: FormatContext): string {
  const blocks = results.evaluations.flatMap(({ label, outcome }) => {
    if (outcome.kind === 'failed') return [];
    const heading = results.isList && label !== '' ? terminalText([paint.bold(label)]) : '';
    return `${heading}${toText(documentOf(outcome, directory), outcome.report.findings, paint)}`;
  });
  const unused = results.unusedSuppressions.map((finding) =>
    unusedSuppressionText(unusedSuppressionJson(finding, directory), paint),
  );
  if (!results.isList) return [...blocks, ...unused].join('');
  const dependences = results.dependences.map(({ label, found }) =>
    dependenceText(dependenceJson(label, found, directory), paint),
  );
  const { evaluations, clean, warned, leaking, unknown } = countVerdicts(results.evaluations);
  const warnings = warned === undefined ? '' : `, ${warned} with warnings`;
  const summary = `${countOf(evaluations, 'evaluation')}: ${clean} clean${warnings}, ${leaking} leaking, ${unknown} not told\n`;
  return (
    [...blocks, unused.join(''), ...dependences].map((block) => (block === '' ? '' : `${block}\n`)).join('') +
    summary
  );
}

/** One evaluation is its report; several are a list. */
export function resultsJson(results: CheckResults, { directory }: FormatContext): string {
  const gone = results.gone && { baseline: { gone: results.gone } };
  const unusedSuppressions = results.unusedSuppressions.map((finding) =>
    unusedSuppressionJson(finding, directory),
  );
  if (!results.isList) {
    const reports = results.evaluations.flatMap(({ outcome }) =>
      outcome.kind === 'judged' ? { ...documentOf(outcome, directory), unusedSuppressions, ...gone } : [],
    );
    return reports.map(jsonText).join('');
  }
  return jsonText({
    version: 1,
    summary: countVerdicts(results.evaluations),
    evaluations: results.evaluations.map(({ label, evaluateAs, outcome }) => ({
      label,
      ...(evaluateAs === undefined ? {} : { evaluateAs }),
      ...(outcome.kind === 'judged'
        ? { report: documentOf(outcome, directory) }
        : { errors: outcome.errors.map(({ message }) => message) }),
    })),
    systemDependences: results.dependences.map(({ label, found }) => dependenceJson(label, found, directory)),
    unusedSuppressions,
    ...gone,
  });
}
