import type { Command } from 'vscode-languageserver-types';

import type { EvaluationErrorAction } from '../model/evaluationError.ts';
import { clientCommands, serverCommands } from '../protocol.ts';
import type { Snapshot } from '../session/snapshot.ts';

/** What the person is offered to do about a failure; undefined where their editor cannot do it. */
export function failureCommand(
  action: EvaluationErrorAction,
  { clientCommands: hasClientCommands }: Snapshot,
): Command | undefined {
  if (action.kind === 'allow-path') {
    const command = hasClientCommands ? clientCommands.allowPath : serverCommands.allowPath;
    const { path } = action;
    return { title: `Allow ${path} for this workspace`, command, arguments: [{ path }] };
  }
  const given = { arguments: [{ flake: action.flake }] };
  if (action.kind === 'fetch-inputs') {
    const command = hasClientCommands ? clientCommands.fetchInputs : serverCommands.fetchInputs;
    return { title: 'Fetch the inputs of the flake', command, ...given };
  }
  // It writes into the workspace, which the server never does.
  if (!hasClientCommands) return undefined;
  return { title: 'Run “nix flake lock” in a terminal', command: clientCommands.lockFlake, ...given };
}
