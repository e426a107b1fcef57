import * as vscode from 'vscode';
import { ExecuteCommandRequest } from 'vscode-languageclient/node';
import { clientCommands, serverCommands } from '../../server/src/protocol.ts';
import type { FailureAction, StatusParams } from '../../server/src/protocol.ts';
import type { FeatureContext } from './feature.ts';
import { showFailure } from './notice.ts';
import { message } from './shown.ts';

/** What helps where a flake's inputs are not here, or are not locked: offered, and done only then. */
export function activate({ client, status, subscriptions }: FeatureContext): void {
  /** Undefined: the flake of the newest failure. */
  const fetchInputs = async (argument?: unknown): Promise<void> => {
    const flake = flakeOf(argument);
    const title = 'Fetching the inputs of the flake';
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
      showFailure(error);
    }
  };

  const lockFlake = (argument?: unknown): void => {
    const flake = flakeOf(argument) ?? status.current.actions?.find(({ kind }) => kind === 'lock')?.flake;
    if (flake === undefined) {
      void vscode.window.showInformationMessage('No flake lacks its lock file.');
      return;
    }
    const terminal = vscode.window.createTerminal({ name: 'nix flake lock', cwd: flake });
    terminal.show();
    terminal.sendText("nix --extra-experimental-features 'nix-command flakes' flake lock");
  };

  const offers = {
    'fetch-inputs': { label: 'Fetch the Inputs', run: fetchInputs },
    lock: { label: 'Run “nix flake lock” in a Terminal', run: lockFlake },
  } as const;

  const offer = async ({ kind, flake, message: text }: FailureAction): Promise<void> => {
    const { label, run } = offers[kind];
    if ((await vscode.window.showWarningMessage(message(text), label)) === label) await run({ flake });
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

function keyOf({ kind, flake }: FailureAction): string {
  return `${kind} ${flake}`;
}

/** A lens, a code action and a message pass the flake's folder; the palette passes nothing. */
function flakeOf(argument: unknown): string | undefined {
  const isOne = typeof argument === 'object' && argument !== null && 'flake' in argument;
  return isOne && typeof argument.flake === 'string' ? argument.flake : undefined;
}
