import type { EvaluationError } from '../model/evaluationError.ts';
import { parseSystem, type System } from '../model/system.ts';
import { labelOf, type Evaluation } from '../session/snapshot.ts';

/** `1,819`. */
export function formatNumber(count: number): string {
  return count.toLocaleString('en-US');
}

/** `1 input`, `2 inputs`. */
export function countOf(count: number, noun: string): string {
  return `${formatNumber(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** Names in a row, the last ones counted: `a, b, c and 2 more`. */
export function listOf(names: readonly string[], most = 3): string {
  const shown = names.length > most + 1 ? names.slice(0, most) : names;
  const rest = names.length - shown.length;
  return shown.join(', ') + (rest > 0 ? ` and ${formatNumber(rest)} more` : '');
}

/** An expression on one line, cut where it is long. */
export function oneLine(text: string, most = 60): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}

/**
 * What foreign derivations are called: `darwin-built` where the kernel alone
 * tells them from the root's system, else `aarch64-linux-built`; `foreign`
 * where there are several kinds.
 */
export function foreignWord(systems: ReadonlySet<System>, rootSystem: System): string {
  const kernels = new Set([...systems].map((system) => parseSystem(system).kernel));
  const [kernel] = kernels;
  const [system] = systems;
  if (kernels.size === 1 && kernel && kernel !== parseSystem(rootSystem).kernel) return `${kernel}-built`;
  return systems.size === 1 && system !== undefined ? `${system}-built` : 'foreign';
}

/** Markdown code, whatever the text holds. */
export function code(text: string): string {
  const fence = '`'.repeat(Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length)) + 1);
  const padding = text.startsWith('`') || text.endsWith('`') ? ' ' : '';
  return `${fence}${padding}${text}${padding}${fence}`;
}

/** Markdown that shows a text as it is, except that `code` in it stays code. */
export function escapeMarkdown(text: string): string {
  return text.replace(/`[^`]*`|[\\*[\]<>#|~]|\b_|_\b/g, (match) =>
    match.startsWith('`') ? match : `\\${match}`,
  );
}

/** `Evaluation of release.nix · build failed: …`; where there is no Nix, the message alone. */
export function failureMessage({ message }: EvaluationError, evaluation: Evaluation): string {
  if (evaluation.failure?.nixUnavailable) return message;
  return `Evaluation of ${labelOf(evaluation)} failed: ${message}`;
}

/** With a full stop, unless the sentence has its end. */
export function endSentence(text: string): string {
  return /[.?!]$/.test(text) ? text : `${text}.`;
}

/** `10:32` on the same day, else `2026-11-22 10:32`; in local time. */
export function timeOf(date: Date, now = new Date()): string {
  const two = (part: number): string => String(part).padStart(2, '0');
  const dayOf = (time: Date): string =>
    `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  return dayOf(date) === dayOf(now) ? time : `${dayOf(date)} ${time}`;
}

/** `Evaluating …` for `evaluating`. */
export function sentenceOf(step: string): string {
  return `${step.charAt(0).toUpperCase()}${step.slice(1)} …`;
}
