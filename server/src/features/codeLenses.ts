import type { CodeLens, Command } from 'vscode-languageserver-types';

import {
  clientCommands,
  serverCommands,
  type EvaluateAtParams,
  type ShowClosureParams,
} from '../protocol.ts';
import { reaches } from '../snapshot/activeEvaluations.ts';
import { failureActions } from '../snapshot/possibleActions.ts';
import {
  chosenEvaluations,
  isActive,
  isFailureOld,
  isStale,
  labelOf,
  type Evaluation,
  type Snapshot,
  type TargetEntry,
} from '../snapshot/snapshot.ts';
import { failureCommand } from './failureCommand.ts';
import { comparePositions, isOwn, isSameRange, uriIn } from './places.ts';
import { summarize } from './renderLeak.ts';
import { editorLine } from './editorMessages.ts';

/** Lenses of one file, and of one place; whoever has more attributes uses the picker. */
const mostLenses = 200;
const mostLensesAtOnce = 4;

/**
 * `textDocument/codeLens`: above an active target's attribute what its closure
 * holds, above the attributes of the other targets the offer to evaluate them,
 * and at the top of a file that no chosen target reaches, that it is so.
 */
export function codeLenses(snapshot: Snapshot, file: string): CodeLens[] {
  const { settings, targets, targetRanges, trusted } = snapshot;
  if (!settings['codeLens.enabled'] || !trusted) return [];
  const shown = new Map<string, number>();
  const here = (targets ?? []).filter(({ source }) => source?.file === file);
  const byActivity = here.sort(
    (one, other) => Number(isActive(other, snapshot)) - Number(isActive(one, snapshot)),
  );
  const lenses = byActivity.slice(0, mostLenses).flatMap((entry): CodeLens[] => {
    const range = entry.source && targetRanges.locate(entry.source);
    if (!range) return [];
    const key = `${range.start.line}:${range.start.character}`;
    const others = shown.get(key) ?? 0;
    shown.set(key, others + 1);
    if (others >= mostLensesAtOnce) return [];
    const place = { uri: uriIn(snapshot, file), position: range.start, key: entry.key };
    const isOneOfSeveral = byActivity.some(
      (other) =>
        other !== entry &&
        isActive(other, snapshot) &&
        other.source &&
        entry.source &&
        isSameRange(other.source.range, entry.source.range),
    );
    const commands = isActive(entry, snapshot)
      ? activeCommands(snapshot, place, isOneOfSeveral ? `${nameOf(entry)}: ` : '')
      : [evaluateCommand(entry, place, snapshot)];
    return commands.map((command) => ({ range, command }));
  });
  return [...failureLenses(snapshot, file), ...unreachedLens(snapshot, file), ...lenses]
    .map(shownLens)
    .sort((one, other) => comparePositions(one.range.start, other.range.start));
}

function shownLens(lens: CodeLens): CodeLens {
  const { command } = lens;
  return command ? { ...lens, command: { ...command, title: editorLine(command.title) } } : lens;
}

function activeCommands(snapshot: Snapshot, place: EvaluateAtParams, name: string): Command[] {
  const own = snapshot.evaluations.filter(({ entry }) => entry.key === place.key);
  return own.flatMap((evaluation) => {
    const prefix = own.length > 1 ? `as ${evaluation.evaluateAs ?? 'this machine'}: ` : '';
    return commandsOf(evaluation, snapshot, place).map((command) => ({
      ...command,
      title: `${name}${prefix}${command.title}`,
    }));
  });
}

function commandsOf(evaluation: Evaluation, snapshot: Snapshot, place: EvaluateAtParams): Command[] {
  const { evaluated, running, failure } = evaluation;
  const again = (title: string): Command => ({
    title,
    command: serverCommands.evaluateAt,
    arguments: [place],
  });
  if (running) return [{ title: 'evaluating … (cancel)', command: serverCommands.cancel }];
  if (failure) {
    const age = isFailureOld(failure, snapshot) ? 'out of date · ' : '';
    return [again(`evaluation failed · ${age}evaluate again`)];
  }
  if (!evaluated) return [again('evaluate')];
  const summary = summarize(evaluated.report);
  const show: Command = snapshot.clientCommands
    ? {
        title: `${summary} · show closure`,
        command: clientCommands.showClosure,
        arguments: [{ evaluation: editorLine(labelOf(evaluation)) } satisfies ShowClosureParams],
      }
    : again(summary);
  return isStale(evaluation, snapshot) ? [show, again('out of date · evaluate again')] : [show];
}

/** At the top of a flake of which something is missing, what can be done about that. */
function failureLenses(snapshot: Snapshot, file: string): CodeLens[] {
  return failureActions(snapshot).flatMap((action) => {
    const isOfFile = 'flake' in action && file === `${action.flake}/flake.nix`;
    const command = isOfFile ? failureCommand(action, snapshot) : undefined;
    return command ? [{ range: top, command }] : [];
  });
}

/** Nothing of such a file was judged: it must not look as if it were fine. */
function unreachedLens(snapshot: Snapshot, file: string): CodeLens[] {
  const chosen = chosenEvaluations(snapshot);
  const isSettled = chosen.length > 0 && chosen.every(({ evaluated }) => evaluated);
  if (!isSettled || !isOwn(file, snapshot) || chosen.some((one) => reaches(one, file))) return [];
  if (chosen.some(({ evaluated }) => evaluated?.report.filesRead?.includes(file))) {
    const title = 'read by an active target, but nothing in it was seen to be a derivation of its closure';
    return [{ range: top, command: { title, command: '' } }];
  }
  const companion = snapshot.evaluations.find((one) => one.isCompanion && reaches(one, file));
  const through = companion
    ? `evaluated for itself${companion.failure ? ', which failed' : ''}: `
    : 'not evaluated: ';
  const title = `${through}no active target was seen to use this file`;
  const actions = companion?.failure?.errors.flatMap(({ action }) => action ?? []) ?? [];
  const offers = actions.flatMap((action) => failureCommand(action, snapshot) ?? []);
  return [{ title, command: '' }, ...offers].map((command) => ({ range: top, command }));
}

const top = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };

/** What tells a target from others at its place. */
function nameOf({ target, label }: TargetEntry): string {
  return 'attribute' in target && target.attribute !== '' ? target.attribute : label;
}

function evaluateCommand(entry: TargetEntry, place: EvaluateAtParams, snapshot: Snapshot): Command {
  const command = snapshot.clientCommands ? clientCommands.evaluateAt : serverCommands.evaluateAt;
  return { title: `evaluate ${nameOf(entry)}`, command, arguments: [place] };
}
