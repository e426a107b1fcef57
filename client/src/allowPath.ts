import * as vscode from 'vscode';
import { ExecuteCommandRequest } from 'vscode-languageclient/node';
import { clientCommands, serverCommands } from '../../server/src/protocol.ts';
import type { FeatureContext } from './feature.ts';
import { showFailure } from './notice.ts';

/** Lets the targets of this workspace name a path outside it, where the person agrees. */
export function activate({ client, subscriptions }: FeatureContext): void {
  const allowPath = async (argument?: unknown): Promise<void> => {
    const path = pathOf(argument);
    if (path === undefined) {
      void vscode.window.showInformationMessage('No target asks for a path outside the workspace.');
      return;
    }
    try {
      await client.sendRequest(ExecuteCommandRequest.type, {
        command: serverCommands.allowPath,
        arguments: [{ path }],
      });
    } catch (error) {
      showFailure(error);
    }
  };
  subscriptions.push(vscode.commands.registerCommand(clientCommands.allowPath, allowPath));
}

/** A code action and a message pass the path. */
function pathOf(argument: unknown): string | undefined {
  const isOne = typeof argument === 'object' && argument !== null && 'path' in argument;
  return isOne && typeof argument.path === 'string' ? argument.path : undefined;
}
