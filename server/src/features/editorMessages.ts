import type { EvaluationError } from '../model/evaluationError.ts';
import { parseSystem, type System } from '../model/system.ts';
import { labelOf, type Evaluation } from '../snapshot/snapshot.ts';

export { code, editorLine, editorText, escapeMarkdown } from '../output/shown.ts';
export { countOf, endSentence, formatNumber, listOf, oneLine, scriptLine } from '../output/sentences.ts';

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

/** `Evaluation of release.nix · build failed: …`; where there is no Nix, the message alone. */
export function failureMessage({ message }: EvaluationError, evaluation: Evaluation): string {
  if (evaluation.failure?.nixUnavailable) return message;
  return `Evaluation of ${labelOf(evaluation)} failed: ${message}`;
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

/** @param limit why a text is beyond what can be understood */
export function limitMessage(limit: string): string {
  return `This file is only highlighted: ${limit}. Nix evaluates it as it is. Split it into several files to see what is in it.`;
}
