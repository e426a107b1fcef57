import * as vscode from 'vscode';
import { ExecuteCommandRequest } from 'vscode-languageclient/node';
import { clientCommands, serverCommands } from '../../server/src/protocol.ts';
import type { FailureAction, StatusParams } from '../../server/src/protocol.ts';
import type { FeatureContext } from './feature.ts';

/** What helps where something has to be fetched, or a flake is not locked: offered, and done only then. */
export function activate({ client, status, subscriptions }: FeatureContext): void {
  /** Without a flake: whatever is missing. */
  const fetchInputs = async (argument?: unknown): Promise<void> => {
    const flake = flakeOf(argument);
    const title = flake === undefined ? 'Fetching what is missing' : 'Fetching the inputs of the flake';
    const location = vscode.ProgressLocation.Notification;
    try {
      await vscode.window.withProgress({ location, title, cancellable: true }, (_, token) =>
        client.sendRequest(
          ExecuteCommandRequest.type,
          {
            command: serverCommands.fetchInputs,
            ...(flake !== undefined && { arguments: [{ flake }] }),
          },
          token,
        ),
      );
    } catch (error) {
      void vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
    }
  };

  const lockFlake = (argument?: unknown): void => {
    const unlocked = status.current.actions?.find((action) => action.kind === 'lock');
    const flake = flakeOf(argument) ?? flakeOf(unlocked);
    if (flake === undefined) {
      void vscode.window.showInformationMessage('No flake lacks its lock file.');
      return;
    }
    const terminal = vscode.window.createTerminal({ name: 'nix flake lock', cwd: flake });
    terminal.show();
    terminal.sendText("nix --extra-experimental-features 'nix-command flakes' flake lock");
  };

  const offers = {
    fetch: { label: 'Fetch', run: fetchInputs },
    'fetch-inputs': { label: 'Fetch the Inputs', run: fetchInputs },
    lock: { label: 'Run “nix flake lock” in a Terminal', run: lockFlake },
  } as const;

  const offer = async (action: FailureAction): Promise<void> => {
    const { label, run } = offers[action.kind];
    if ((await vscode.window.showWarningMessage(action.message, label)) === label) await run(action);
  };

  /** Those that were offered and are not yet done: what is refused once is not asked again. */
  let offered = new Set<string>();
  const update = ({ state, actions = [] }: StatusParams): void => {
    if (state === 'running') return;
    const before = offered;
    offered = new Set(actions.map(keyOf));
    for (const action of actions) if (!before.has(keyOf(action))) void offer(action);
  };

  subscriptions.push(
    status.onDidChange(update),
    vscode.commands.registerCommand(clientCommands.fetchInputs, fetchInputs),
    vscode.commands.registerCommand(clientCommands.lockFlake, lockFlake),
  );
}

function keyOf(action: FailureAction): string {
  return `${action.kind} ${flakeOf(action) ?? action.message}`;
}

/** A lens, a code action and a message pass the flake's folder; the palette passes nothing. */
function flakeOf(argument: unknown): string | undefined {
  const isOne = typeof argument === 'object' && argument !== null && 'flake' in argument;
  return isOne && typeof argument.flake === 'string' ? argument.flake : undefined;
}
