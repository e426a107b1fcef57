import type { Report } from '../check/report.ts';
import type { ClosureSummary, StatusParams } from '../protocol.ts';
import { isStale, runState, type Snapshot } from '../session/snapshot.ts';
import { isWrong, summarize } from './renderLeak.ts';
import { indexOf } from './reportIndex.ts';
import { endSentence, failureMessage, sentenceOf } from './wording.ts';

/** The status notification: what a status bar and a tree view show. */
export function status(snapshot: Snapshot): StatusParams {
  const { activeTarget, evaluateAs, evaluated, failure, notice } = snapshot;
  const message = messageOf(snapshot);
  const problem = failure?.nixUnavailable ? 'nix-not-found' : notice?.problem;
  return {
    state: runState(snapshot),
    stale: isStale(snapshot),
    ...(activeTarget && {
      target: evaluateAs === undefined ? activeTarget.label : `${activeTarget.label} as ${evaluateAs}`,
    }),
    ...(evaluateAs !== undefined && { evaluateAs }),
    ...(evaluated && { reportId: evaluated.id, summary: summaryOf(evaluated.report) }),
    ...(message !== undefined && { message }),
    ...(problem !== undefined && { problem }),
  };
}

function messageOf(snapshot: Snapshot): string | undefined {
  const { running, failure, evaluated, notice, trusted } = snapshot;
  if (!trusted) return 'This workspace is not trusted: its Nix files are only parsed.';
  if (running) return sentenceOf(running.step);
  const [error] = failure?.errors ?? [];
  if (error) {
    const sentences = [
      failureMessage(error, snapshot),
      ...(error.advice === undefined ? [] : [error.advice]),
      ...(evaluated ? ['The closure shown is from before the failure.'] : []),
    ];
    return sentences
      .map((text, index) => (index < sentences.length - 1 ? endSentence(text) : text))
      .join(' ');
  }
  if (notice) return notice.message;
  return evaluated && `${summarize(evaluated.report)}.`;
}

function summaryOf(report: Report): ClosureSummary {
  const { graph, judgement, leaks } = report;
  return {
    rootName: graph.derivation(graph.root).name,
    derivations: graph.size,
    edges: graph.edgeCount,
    foreign: indexOf(report).foreignCount,
    leaks: leaks.filter(isWrong).length,
    errors: leaks.filter(({ severity }) => severity === 'error').length,
    bySystem: Object.fromEntries(judgement.bySystem),
  };
}
