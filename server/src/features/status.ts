import type { Report } from '../model/report.ts';
import { targetFileName } from '../targets/targetFile.ts';
import type {
  ClosureSummary,
  DocumentStatus,
  EvaluationStatus,
  FailureAction,
  StatusParams,
} from '../protocol.ts';
import {
  chosenEvaluations,
  isStale,
  judgedEvaluations,
  labelOf,
  runState,
  type Evaluation,
  type JudgedEvaluation,
  type Snapshot,
} from '../snapshot/snapshot.ts';
import { failureActions } from '../snapshot/possibleActions.ts';
import { waiting } from '../session/evaluationRun.ts';
import { uriIn } from './places.ts';
import { isWrong, summarize } from './renderLeak.ts';
import { indexOf } from './reportIndex.ts';
import {
  editorLine,
  editorText,
  endSentence,
  failureMessage,
  limitMessage,
  listOf,
  sentenceOf,
  timeOf,
} from './editorMessages.ts';

/** The status notification: what a status bar and a tree view show. */
export function status(snapshot: Snapshot): StatusParams {
  const { evaluateAs, evaluations, notice, reportsId } = snapshot;
  const chosen = chosenEvaluations(snapshot);
  const judged = judgedEvaluations(snapshot);
  const own = judged.filter(({ isCompanion }) => !isCompanion);
  const asOf = oldest(own);
  const told = messageWithAge(snapshot, asOf);
  const isUnavailable = evaluations.some(({ failure }) => failure?.nixUnavailable);
  const refused = refusedTargetFile(snapshot);
  const message = refused === undefined ? told : [refused, told].filter(Boolean).join('\n');
  const problem = isUnavailable
    ? 'nix-not-found'
    : (notice?.problem ?? (refused === undefined ? undefined : 'target-file'));
  const systems = evaluateAs.some((system) => system !== undefined)
    ? evaluateAs.map((system) => system ?? 'this machine').join(', ')
    : undefined;
  const actions = failureActions(snapshot);
  return {
    state: runState(snapshot),
    stale: chosen.some((evaluation) => isStale(evaluation, snapshot)),
    ...(asOf && { asOf: asOf.toISOString() }),
    ...(chosen.length > 0 && { target: editorLine(listOf(chosen.map(labelOf))) }),
    ...(systems !== undefined && { evaluateAs: editorLine(systems) }),
    ...(judged.length > 0 && { reportId: reportsId }),
    ...(own.length > 0 && { summary: addUp(own.map(({ evaluated }) => summaryOf(evaluated.report))) }),
    ...(message !== undefined && { message: editorText(message) }),
    ...(problem !== undefined && { problem }),
    ...(actions.length > 0 && { actions: actions.map(shownAction) }),
    ...(snapshot.textLimits.size > 0 && { documents: documentStatuses(snapshot) }),
    evaluations: evaluations.map((evaluation) => statusOf(evaluation, snapshot)),
  };
}

function shownAction({ message, ...action }: FailureAction): FailureAction {
  return { ...action, message: editorText(message) };
}

function documentStatuses(snapshot: Snapshot): DocumentStatus[] {
  return [...snapshot.textLimits].map(([file, limit]) => ({
    uri: uriIn(snapshot, file),
    message: limitMessage(limit),
  }));
}

function statusOf(evaluation: Evaluation, snapshot: Snapshot): EvaluationStatus {
  const { key, entry, evaluateAs, isCompanion, running, failure, evaluated } = evaluation;
  const message = running?.step ?? failure?.errors[0]?.message;
  return {
    key,
    target: editorLine(entry.label),
    ...(evaluateAs !== undefined && { evaluateAs: editorLine(evaluateAs) }),
    companion: isCompanion,
    state: running ? 'running' : failure ? 'failed' : evaluated ? 'done' : 'idle',
    stale: isStale(evaluation, snapshot),
    ...(evaluated?.asOf && { asOf: evaluated.asOf.toISOString() }),
    ...(message !== undefined && { message: editorText(message) }),
    ...(evaluated && { summary: summaryOf(evaluated.report) }),
  };
}

function oldest(evaluations: readonly JudgedEvaluation[]): Date | undefined {
  const times = evaluations.flatMap(({ evaluated }) => evaluated.asOf ?? []);
  return times.reduce<Date | undefined>((one, other) => (one && one <= other ? one : other), undefined);
}

/** A target file that offers nothing must not look as if its targets were what was evaluated. */
function refusedTargetFile({ targetFiles }: Snapshot): string | undefined {
  const refused = targetFiles.find(({ problems }) => problems.length > 0);
  const line = (refused?.problems[0]?.source.range.start.line ?? 0) + 1;
  return refused && `${targetFileName} is not used, for something is wrong in its line ${line}.`;
}

function messageWithAge(snapshot: Snapshot, asOf: Date | undefined): string | undefined {
  const message = messageOf(snapshot);
  if (message === undefined || !asOf || runState(snapshot) === 'failed') return message;
  return `${message} What is shown is as of ${timeOf(asOf)}.`;
}

function messageOf(snapshot: Snapshot): string | undefined {
  const { fetching, preparing, notice, trusted } = snapshot;
  if (!trusted) return 'This workspace is not trusted: its Nix files are only parsed.';
  if (fetching) return sentenceOf(fetching.step);
  if (preparing) return sentenceOf(preparing.step);
  const chosen = chosenEvaluations(snapshot);
  const isOne = chosen.length === 1;
  const running = snapshot.evaluations.filter((evaluation) => evaluation.running);
  const atWork = running.find((evaluation) => evaluation.running?.step !== waiting) ?? running[0];
  if (atWork?.running)
    return isOne ? sentenceOf(atWork.running.step) : `${labelOf(atWork)}: ${atWork.running.step} …`;
  const failed = chosen.filter(({ failure }) => failure);
  if (failed.length > 0) return failed.map(failureText).join('\n');
  const told = notice ?? chosen.find((evaluation) => evaluation.notice)?.notice;
  if (told) return told.message;
  const summaries = chosen.flatMap((evaluation) => {
    if (!evaluation.evaluated) return [];
    const summary = `${summarize(evaluation.evaluated.report)}.`;
    return [isOne ? summary : `${labelOf(evaluation)}: ${summary}`];
  });
  return summaries.length > 0 ? summaries.join('\n') : undefined;
}

function failureText(evaluation: Evaluation): string {
  const [error] = evaluation.failure?.errors ?? [];
  if (!error) return '';
  const sentences = [
    failureMessage(error, evaluation),
    ...(error.advice === undefined ? [] : [error.advice]),
    ...(evaluation.evaluated ? ['The closure shown is from before the failure.'] : []),
  ];
  return sentences.map((text, index) => (index < sentences.length - 1 ? endSentence(text) : text)).join(' ');
}

/** What closures share is counted for each of them. */
function addUp(summaries: readonly ClosureSummary[]): ClosureSummary {
  return summaries.reduce((one, other) => {
    const bySystem = { ...one.bySystem };
    for (const [system, count] of Object.entries(other.bySystem))
      bySystem[system] = (bySystem[system] ?? 0) + count;
    return {
      rootName: `${one.rootName}, ${other.rootName}`,
      derivations: one.derivations + other.derivations,
      edges: one.edges + other.edges,
      foreign: one.foreign + other.foreign,
      leaks: one.leaks + other.leaks,
      errors: one.errors + other.errors,
      bySystem,
    };
  });
}

function summaryOf(report: Report): ClosureSummary {
  const { graph, judgement, leaks } = report;
  return {
    rootName: editorLine(graph.derivation(graph.root).name),
    derivations: graph.size,
    edges: graph.edgeCount,
    foreign: indexOf(report).foreignCount,
    leaks: leaks.filter(isWrong).length,
    errors: leaks.filter(({ severity }) => severity === 'error').length,
    bySystem: Object.fromEntries(
      [...judgement.bySystem].map(([system, count]) => [editorLine(system), count]),
    ),
  };
}
