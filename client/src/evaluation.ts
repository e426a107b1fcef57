import * as vscode from 'vscode';
import { ExecuteCommandRequest } from 'vscode-languageclient/node';
import { clientCommands, serverCommands } from '../../server/src/protocol.ts';
import type { EvaluateAtParams } from '../../server/src/protocol.ts';
import type { FeatureContext } from './feature.ts';
import { requests } from './requests.ts';

/** Commands that start and cancel evaluations. */
export function activate({ client, subscriptions }: FeatureContext): void {
  const evaluateAt = async (argument?: unknown): Promise<void> => {
    const place = isPlace(argument) ? argument : cursor();
    if (place === undefined) {
      void vscode.window.showInformationMessage('Put the cursor on an attribute of a Nix file first.');
      return;
    }
    await client.sendRequest(ExecuteCommandRequest.type, {
      command: serverCommands.evaluateAt,
      arguments: [place],
    });
  };

  const cursor = (): EvaluateAtParams | undefined => {
    const editor = vscode.window.activeTextEditor;
    if (editor?.document.languageId !== 'nix') return undefined;
    return {
      uri: client.code2ProtocolConverter.asUri(editor.document.uri),
      position: client.code2ProtocolConverter.asPosition(editor.selection.active),
    };
  };

  subscriptions.push(
    vscode.commands.registerCommand('nixPlatformLens.evaluate', () => client.sendRequest(requests.evaluate)),
    vscode.commands.registerCommand('nixPlatformLens.cancel', () => client.sendRequest(requests.cancel)),
    vscode.commands.registerCommand(clientCommands.evaluateAt, evaluateAt),
  );
}

/** A code lens passes a place; a menu passes the editor's URI, and the palette nothing. */
function isPlace(argument: unknown): argument is EvaluateAtParams {
  return (
    typeof argument === 'object' &&
    argument !== null &&
    'uri' in argument &&
    typeof argument.uri === 'string' &&
    'position' in argument
  );
}
