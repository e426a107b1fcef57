import * as vscode from 'vscode';
import { clientCommands } from '../../server/src/protocol.ts';
import type { FailureAction, StatusParams } from '../../server/src/protocol.ts';
import type { FeatureContext } from './feature.ts';
import { message } from './shownInVsCode.ts';

/** Offers what helps where an evaluation failed; it is done only then. */
export function activate({ status, subscriptions }: FeatureContext): void {
  /** Those that were offered and are not yet done: what is refused once is not asked again. */
  let offered = new Set<string>();
  const update = ({ state, actions = [] }: StatusParams): void => {
    if (state === 'running') return;
    const before = offered;
    offered = new Set(actions.map(keyOf));
    for (const action of actions) if (!before.has(keyOf(action))) void offer(action);
  };
  subscriptions.push(status.onDidChange(update));
}

async function offer(action: FailureAction): Promise<void> {
  const { label, command, argument } = offerOf(action);
  if ((await vscode.window.showWarningMessage(message(action.message), label)) === label)
    await vscode.commands.executeCommand(command, argument);
}

function offerOf(action: FailureAction) {
  switch (action.kind) {
    case 'fetch':
      return { label: 'Fetch', command: clientCommands.fetchInputs, argument: undefined };
    case 'fetch-inputs':
      return {
        label: 'Fetch the Inputs',
        command: clientCommands.fetchInputs,
        argument: { flake: action.flake },
      };
    case 'lock':
      return {
        label: 'Run “nix flake lock” in a Terminal',
        command: clientCommands.lockFlake,
        argument: { flake: action.flake },
      };
    case 'allow-path':
      return {
        label: 'Allow It for This Workspace',
        command: clientCommands.allowPath,
        argument: { path: action.path },
      };
  }
}

function keyOf({ message: text, ...action }: FailureAction): string {
  return JSON.stringify(action.kind === 'fetch' ? [action, text] : action);
}
