import type { Report } from '../model/report.ts';
import type { RunEnd } from '../session/evaluationRun.ts';
import { isWrong } from './renderLeak.ts';
import { countOf, editorLine } from './editorMessages.ts';

/** One line for the log: what was evaluated, what came of it, and how long each step took. */
export function runLine(end: RunEnd): string {
  return editorLine(lineOf(end));
}

function lineOf({ label, evaluateAs, outcome, milliseconds }: RunEnd): string {
  const what = evaluateAs === undefined ? label : `${label} as ${evaluateAs}`;
  switch (outcome.kind) {
    case 'cancelled':
      return `${what}: cancelled after ${milliseconds} ms.`;
    case 'failed':
      return `${what}: failed after ${milliseconds} ms: ${outcome.errors.map(({ message }) => firstLine(message)).join('; ')}`;
    case 'report':
      return `${what}: ${reportText(outcome.report)}`;
  }
}

/** One line for the log: the Nix that was found. */
export function nixLine({ nix }: RunEnd): string | undefined {
  return nix && `Nix ${nix.version} in ${nix.directory}.`;
}

function reportText({ graph, leaks, probes, timings }: Report): string {
  const steps = [...timings].map(([step, milliseconds]) => `${step} ${milliseconds} ms`);
  const level = probes.level === undefined ? 'plain evaluation only' : `level ${probes.level}`;
  const fallback =
    probes.fallbackReason === undefined ? '' : `, because: ${firstLine(probes.fallbackReason)}`;
  return [
    `${countOf(graph.size, 'derivation')}, ${countOf(leaks.filter(isWrong).length, 'leak')}`,
    steps.join(', '),
    `probes: ${probes.placed} placed in ${countOf(probes.files, 'file')}, ${probes.fired} fired, ${level}${fallback}`,
  ].join(' · ');
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
