import * as vscode from 'vscode';
import { ExecuteCommandRequest, LSPErrorCodes, ResponseError } from 'vscode-languageclient/node';
import { clientCommands, serverCommands } from '../../server/src/protocol.ts';
import type { EvaluateAtParams } from '../../server/src/protocol.ts';
import type { FeatureContext } from './feature.ts';
import { offerTarget } from './notice.ts';
import { withProgressWhenSlow } from './withProgress.ts';
import { requests } from './requests.ts';

/** Commands that start and cancel evaluations, and apply what they proved. */
export function activate({ client, status, subscriptions }: FeatureContext): void {
  const evaluate = async (): Promise<void> => {
    await client.sendRequest(requests.evaluate);
    if (status.current.target !== undefined) return;
    const found = await client.sendRequest(requests.targets, {});
    // Where it is Nix that is missing, the tree and its welcome text say so.
    if (found.targets.length === 0 && status.current.problem !== 'nix-not-found') await offerTarget(found);
  };

  const evaluateAt = async (argument?: unknown): Promise<void> => {
    const place = isPlace(argument) ? argument : cursor();
    if (place === undefined) {
      void vscode.window.showInformationMessage('Put the cursor on an attribute of a Nix file first.');
      return;
    }
    const params = { command: serverCommands.evaluateAt, arguments: [place] };
    const cancelled = new AbortController();
    try {
      await withProgressWhenSlow('Looking for the target at this place', (token) => {
        token.onCancellationRequested(() => cancelled.abort());
        return client.sendRequest(ExecuteCommandRequest.type, params, token);
      });
    } catch (error) {
      if (cancelled.signal.aborted) return;
      if (!(error instanceof ResponseError) || error.code !== LSPErrorCodes.RequestFailed) throw error;
      await offerTarget({ problem: error.message });
    }
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
    vscode.commands.registerCommand('nixPlatformLens.evaluate', evaluate),
    vscode.commands.registerCommand('nixPlatformLens.cancel', () => client.sendRequest(requests.cancel)),
    vscode.commands.registerCommand(clientCommands.evaluateAt, evaluateAt),
    vscode.commands.registerCommand('nixPlatformLens.repairAll', () =>
      client.sendRequest(ExecuteCommandRequest.type, { command: serverCommands.repairAll }),
    ),
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
