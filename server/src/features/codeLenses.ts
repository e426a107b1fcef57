import type { CodeLens, Command } from 'vscode-languageserver-types';

import { clientCommands, serverCommands, type EvaluateAtParams } from '../protocol.ts';
import { isStale, type Snapshot, type TargetEntry } from '../session/snapshot.ts';
import { uriIn } from './places.ts';
import { summarize } from './renderLeak.ts';

/** Lenses of one file; whoever has more attributes uses the picker. */
const mostLenses = 200;

/**
 * `textDocument/codeLens`: above the active target's attribute what its closure
 * holds, above the attributes of the other targets the offer to evaluate them.
 */
export function codeLenses(snapshot: Snapshot, file: string): CodeLens[] {
  const { settings, targets, targetRanges, activeTarget, trusted } = snapshot;
  if (!settings['codeLens.enabled'] || !trusted) return [];
  const here = (targets ?? []).filter(({ source }) => source?.file === file).slice(0, mostLenses);
  return here.flatMap((entry): CodeLens[] => {
    const range = entry.source && targetRanges.locate(entry.source);
    if (!range) return [];
    const place = { uri: uriIn(snapshot, file), position: range.start, key: entry.key };
    const commands =
      entry.key === activeTarget?.key
        ? activeCommands(snapshot, place)
        : [evaluateCommand(entry, place, snapshot)];
    return commands.map((command) => ({ range, command }));
  });
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
  const name = target.kind === 'derivation' || target.attribute === '' ? label : target.attribute;
  const command = snapshot.clientCommands ? clientCommands.evaluateAt : serverCommands.evaluateAt;
  return { title: `evaluate ${name}`, command, arguments: [place] };
}
