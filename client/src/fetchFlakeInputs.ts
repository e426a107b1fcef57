import * as vscode from 'vscode';
import { ExecuteCommandRequest } from 'vscode-languageclient/node';
import { clientCommands, serverCommands } from '../../server/src/protocol.ts';
import type { FeatureContext } from './feature.ts';
import { showFailure } from './notice.ts';

/** What helps where something has to be fetched, or a flake is not locked. */
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
      showFailure(error);
    }
  };

  const lockFlake = (argument?: unknown): void => {
    const unlocked = status.current.actions?.flatMap((action) =>
      action.kind === 'lock' ? action.flake : [],
    );
    const flake = flakeOf(argument) ?? unlocked?.[0];
    if (flake === undefined) {
      void vscode.window.showInformationMessage('No flake lacks its lock file.');
      return;
    }
    const terminal = vscode.window.createTerminal({ name: 'nix flake lock', cwd: flake });
    terminal.show();
    terminal.sendText(
      "nix --extra-experimental-features 'nix-command flakes' --option accept-flake-config false flake lock",
    );
  };

  subscriptions.push(
    vscode.commands.registerCommand(clientCommands.fetchInputs, fetchInputs),
    vscode.commands.registerCommand(clientCommands.lockFlake, lockFlake),
  );
}

/** A lens, a code action and a message pass the flake's folder; the palette passes nothing. */
function flakeOf(argument: unknown): string | undefined {
  const isOne = typeof argument === 'object' && argument !== null && 'flake' in argument;
  return isOne && typeof argument.flake === 'string' ? argument.flake : undefined;
}
