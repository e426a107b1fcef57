import type { EvaluationError } from '../model/evaluationError.ts';
import { formats } from '../output/formats.ts';
import { findingsText } from '../output/listFormats.ts';
import { repairsText } from '../output/repairsText.ts';
import { nameOfResult, type CheckResults, type FormatContext } from '../output/results.ts';
import { displayPath } from '../output/toJson.ts';
import { plainPaint, paintFor } from '../output/paint.ts';
import { joinLines, jsonText, terminalMessage, terminalText, visible } from '../output/shown.ts';
import type { CheckArguments } from './checkArguments.ts';
import type { GivenTarget } from './chosenTargets.ts';
import type { CommandEnvironment, ExitStatus } from './commandEnvironment.ts';
import { sourceRootOf, writeReport } from './givenFiles.ts';

export function printTargets(
  targets: readonly GivenTarget[],
  { format }: CheckArguments,
  { writeOut }: CommandEnvironment,
): ExitStatus {
  const rows = targets.map(({ label, evaluateAs }) => ({ label, ...(evaluateAs ? { evaluateAs } : {}) }));
  if (format === 'json') writeOut(jsonText({ version: 1, targets: rows }));
  else writeOut(terminalText(rows.map(({ label, evaluateAs }) => [label, ...(evaluateAs ?? [])].join('  '))));
  return 0;
}

/** What standard error says of evaluations, whatever the format: nobody may miss it. */
export function printErrors(
  { evaluations, isList, gone = [] }: CheckResults,
  { directory, writeError }: CommandEnvironment,
): void {
  for (const evaluation of evaluations) {
    const { outcome } = evaluation;
    if (outcome.kind === 'judged') {
      warnOfGaps(outcome.report.graph.gaps.length, writeError);
      continue;
    }
    if (isList) writeError(terminalText([`${nameOfResult(evaluation)} could not be evaluated:`]));
    for (const error of outcome.errors) writeError(errorText(error, directory));
  }
  if (gone.length > 0) {
    const what =
      gone.length === 1 ? '1 entry of the baseline is' : `${gone.length} entries of the baseline are`;
    writeError(`note: ${what} gone; --write-baseline updates it\n`);
  }
}

/**
 * Prints what was found before anybody knows what repairs it, where the format
 * has two parts: people need not wait for the second one.
 *
 * @returns whether it did
 */
export function printFindings(
  results: CheckResults,
  { format, output }: CheckArguments,
  environment: CommandEnvironment,
): boolean {
  if (format !== 'text' || output !== undefined) return false;
  const { isTerminal, writeOut } = environment;
  writeOut(findingsText(results, { ...formatContext(environment), paint: paintFor(isTerminal) }));
  return true;
}

function formatContext({ directory, version }: CommandEnvironment): FormatContext {
  return { directory, sourceRoot: sourceRootOf(directory), version, paint: plainPaint };
}

/**
 * @param part `the rest`: what is told of {@link printFindings} was printed before
 * @throws CommandFailure
 */
export async function printResults(
  results: CheckResults,
  { format, output, report }: CheckArguments,
  environment: CommandEnvironment,
  part: 'all' | 'the rest',
): Promise<void> {
  const { directory, isTerminal, writeOut } = environment;
  const context = formatContext(environment);
  for (const [name, file] of report)
    await writeReport('--report', file, formats[name](results, context), directory);
  if (output !== undefined)
    await writeReport('--output', output, formats[format](results, context), directory);
  else if (part === 'the rest') writeOut(repairsText(results, directory, paintFor(isTerminal)));
  else writeOut(formats[format](results, { ...context, paint: paintFor(isTerminal) }));
}

/** A closure that was read in part may hold leaks that nobody saw: said also where only the JSON is read. */
function warnOfGaps(count: number, writeError: (text: string) => void): void {
  if (count === 0) return;
  const what = count === 1 ? '1 derivation' : `${count} derivations`;
  writeError(`warning: ${what} of the closure could not be read, and nothing below was judged\n`);
}

/** So much is shown of a file's name: what is wrong stands behind it. */
const mostOfName = 400;

/** What to do about it here, where there are flags for what an editor offers. */
function adviceOf({ action, advice, argument }: EvaluationError): string | undefined {
  switch (action?.kind) {
    case 'allow-path':
      return `A repository’s files may lead out of it only where you allow that: --allow-path ${visible(shellWord(action.path))}`;
    case 'fetch':
    case 'fetch-inputs':
      return argument === undefined
        ? 'With --fetch, what is missing is fetched; nothing is downloaded without being asked for.'
        : `Give it another value: --arg ${visible(argument.name)} ${argument.value}. Or have it fetched: --fetch.`;
    case 'lock':
    case undefined:
      return advice;
  }
}

/** As a shell takes it for one word. */
function shellWord(text: string): string {
  return /^[\w./+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

export function errorText(error: EvaluationError, directory: string): string {
  const { source } = error;
  const place = source
    ? `${visible(displayPath(source.file, directory), mostOfName)}:${source.range.start.line + 1}:${source.range.start.character + 1}: `
    : '';
  const advice = adviceOf(error);
  const [first = '', ...rest] = terminalMessage(error.message);
  return terminalText([
    `${place}error: ${first}`,
    ...rest,
    ...(advice === undefined ? [] : [`  ${joinLines(advice)}`]),
  ]);
}
