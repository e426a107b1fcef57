import type { CodeLens, Command } from 'vscode-languageserver-types';

import { clientCommands, serverCommands, type EvaluateAtParams } from '../protocol.ts';
import { isStale, type Snapshot, type TargetEntry } from '../session/snapshot.ts';
import { comparePositions, uriIn } from './places.ts';
import { summarize } from './renderLeak.ts';

/** Lenses of one file, and of one place; whoever has more attributes uses the picker. */
const mostLenses = 200;
const mostLensesAtOnce = 4;

/**
 * `textDocument/codeLens`: above the active target's attribute what its closure
 * holds, above the attributes of the other targets the offer to evaluate them.
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
    const commands = isActive(entry, snapshot)
      ? activeCommands(snapshot, place)
      : [evaluateCommand(entry, place, snapshot)];
    return commands.map((command) => ({ range, command }));
  });
  return lenses.sort((one, other) => comparePositions(one.range.start, other.range.start));
}

function isActive({ key }: TargetEntry, { activeTarget }: Snapshot): boolean {
  return key === activeTarget?.key;
}

function activeCommands(snapshot: Snapshot, place: EvaluateAtParams): Command[] {
  const { evaluated, running, failure, clientCommands: hasCommands } = snapshot;
  const again = (title: string): Command => ({
    title,
    command: serverCommands.evaluateAt,
    arguments: [place],
  });
  if (running) return [{ title: 'evaluating … (cancel)', command: serverCommands.cancel }];
  if (failure) return [again('evaluation failed · evaluate again')];
  if (!evaluated) return [again('evaluate')];
  const summary = summarize(evaluated.report);
  const show: Command = hasCommands
    ? { title: `${summary} · show closure`, command: clientCommands.showClosure }
    : again(summary);
  return isStale(snapshot) ? [show, again('out of date · evaluate again')] : [show];
}

function evaluateCommand(
  { target, label }: TargetEntry,
  place: EvaluateAtParams,
  snapshot: Snapshot,
): Command {
  const name = 'attribute' in target && target.attribute !== '' ? target.attribute : label;
  const command = snapshot.clientCommands ? clientCommands.evaluateAt : serverCommands.evaluateAt;
  return { title: `evaluate ${name}`, command, arguments: [place] };
}
