import type { Command } from 'vscode-languageserver-types';

import type { EvaluationErrorAction } from '../model/evaluationError.ts';
import { clientCommands, serverCommands } from '../protocol.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';

/** What the person is offered to do about a failure; undefined where their editor cannot do it. */
export function failureCommand(
  action: EvaluationErrorAction,
  { clientCommands: hasClientCommands }: Snapshot,
): Command | undefined {
  const fetch = hasClientCommands ? clientCommands.fetchInputs : serverCommands.fetchInputs;
  switch (action.kind) {
    case 'fetch':
      return { title: 'Fetch what is missing', command: fetch };
    case 'fetch-inputs':
      return { title: 'Fetch the inputs of the flake', command: fetch, arguments: [{ flake: action.flake }] };
    case 'lock':
      // It writes into the workspace, which the server never does.
      return hasClientCommands
        ? {
            title: 'Run “nix flake lock” in a terminal',
            command: clientCommands.lockFlake,
            arguments: [{ flake: action.flake }],
          }
        : undefined;
    case 'allow-path': {
      const { path } = action;
      const command = hasClientCommands ? clientCommands.allowPath : serverCommands.allowPath;
      return { title: `Allow ${path} for this workspace`, command, arguments: [{ path }] };
    }
  }
}
