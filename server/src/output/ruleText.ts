import { explainedRule, systemDependence, type ExplainedId, type ExplainedRule } from '../check/ruleHelp.ts';
import type { Paint } from './paint.ts';
import { terminalText } from './shown.ts';

/** What a rule means, for a terminal; ends with a line break. */
export function ruleText(id: ExplainedId, paint: Paint): string {
  const rule = explainedRule(id);
  const { bad, good } = rule;
  return printed([
    `${paint.bold(rule.id)} (${levelText(rule)}): ${rule.title}`,
    ...[rule.summary, ...rule.meaning].map((paragraph) => `\n${wrapped(paragraph)}`),
    `\n${paint.red('Wrong')}\n${indented(bad)}`,
    `\n${paint.green('Right')}\n${indented(good)}`,
    `\n${paint.bold('What to do')}\n${wrapped(rule.next)}`,
    `\n${manualOf(rule)}`,
  ]);
}

/** `error by default`, or that nobody can set another level. */
export function levelText({ id, severity }: ExplainedRule): string {
  return id === systemDependence ? `${severity}; its level cannot be set` : `${severity} by default`;
}

/** Every rule on a line; ends with a line break. */
export function rulesText(ids: readonly ExplainedId[], paint: Paint): string {
  const width = Math.max(...ids.map((id) => id.length));
  const lines = ids.map((id) => {
    const { severity, title } = explainedRule(id);
    return `${paint.bold(id.padEnd(width))}  ${severity.padEnd(7)}  ${title}`;
  });
  return printed(lines);
}

function printed(lines: readonly string[]): string {
  return terminalText(lines.flatMap((line) => line.split('\n')));
}

/** The help of a rule without marks, for where no Markdown is shown. */
export function plainHelp(rule: ExplainedRule): string {
  return [
    ...rule.meaning,
    `Wrong:\n${indented(rule.bad)}`,
    `Right:\n${indented(rule.good)}`,
    rule.next,
    manualOf(rule),
  ].join('\n\n');
}

export function markdownHelp(rule: ExplainedRule): string {
  const { text, url } = rule.manual;
  return [
    ...rule.meaning,
    `Wrong:\n\n\`\`\`nix\n${rule.bad}\n\`\`\``,
    `Right:\n\n\`\`\`nix\n${rule.good}\n\`\`\``,
    `**What to do:** ${rule.next}`,
    `See ${url === undefined ? text : `[${text}](${url})`}.`,
  ].join('\n\n');
}

function manualOf({ manual: { text, url } }: ExplainedRule): string {
  return `See ${text}${url === undefined ? '' : `:\n${url}`}`;
}

function indented(text: string): string {
  return text.replace(/^/gm, '    ');
}

/** Broken at blanks, for terminals of 80 columns. */
function wrapped(text: string): string {
  return text.replace(/(.{1,78})(?:\s+|$)/g, '$1\n').trimEnd();
}
