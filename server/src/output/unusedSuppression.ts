import type { SuppressionFinding } from '../check/unusedSuppressions.ts';
import type { JsonUnusedSuppression } from './json.ts';
import { rangeJson } from './toJson.ts';
import type { Paint } from './paint.ts';
import { joinLines, terminalText } from './shown.ts';

/** A suppression that is not heeded or not needed, as the command prints it. */
export function unusedSuppressionJson(
  { severity, source, message }: SuppressionFinding,
  directory: string,
): JsonUnusedSuppression {
  return { rule: 'unused-suppression', severity, message, ...rangeJson(source, directory) };
}

/** One line for people, with its line break. */
export function unusedSuppressionText(finding: JsonUnusedSuppression, paint: Paint): string {
  const { severity, message, file, line, column } = finding;
  const sign = { error: paint.red('error'), warning: paint.yellow('warning'), info: paint.dim('note') }[
    severity
  ];
  return terminalText([`${sign}: ${paint.bold(`${file}:${line}:${column}`)}  ${joinLines(message)}`]);
}
