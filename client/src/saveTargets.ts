import * as vscode from 'vscode';
import type { FeatureContext } from './feature.ts';
import { requests } from './requests.ts';

/** Shows the target file that shares the chosen targets, as an edit that the user saves or undoes. */
export function activate({ client, subscriptions }: FeatureContext): void {
  const saveTargets = async (): Promise<void> => {
    const answer = await client.sendRequest(requests.targetFile);
    if (answer === null) {
      void vscode.window.showInformationMessage('Select the targets of this folder first.');
      return;
    }
    const file = client.protocol2CodeConverter.asUri(answer.uri);
    const uri = (await isThere(file)) ? file : file.with({ scheme: 'untitled' });
    const document = await vscode.workspace.openTextDocument(uri);
    const end = document.lineAt(document.lineCount - 1).range.end;
    const edit = new vscode.WorkspaceEdit();
    edit.replace(uri, new vscode.Range(new vscode.Position(0, 0), end), answer.text);
    await vscode.workspace.applyEdit(edit);
    await vscode.window.showTextDocument(document);
  };
  subscriptions.push(vscode.commands.registerCommand('nixPlatformLens.saveTargets', saveTargets));
}

async function isThere(file: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(file);
    return true;
  } catch {
    // It is not, which is the answer.
    return false;
  }
}
