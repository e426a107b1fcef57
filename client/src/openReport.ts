import * as vscode from 'vscode';
import type { FeatureContext } from './feature.ts';
import { requests } from './requests.ts';

const uri = vscode.Uri.from({ scheme: 'nix-platform-lens', path: '/report.json' });

/** Shows the newest report, as the command prints it, in a document that follows it and cannot be edited. */
export function activate({ client, status, subscriptions }: FeatureContext): void {
  const changed = new vscode.EventEmitter<vscode.Uri>();
  subscriptions.push(
    changed,
    status.onDidChange(() => changed.fire(uri)),
    vscode.workspace.registerTextDocumentContentProvider(uri.scheme, {
      onDidChange: changed.event,
      provideTextDocumentContent: async () =>
        `${JSON.stringify(await client.sendRequest(requests.report), undefined, 2)}\n`,
    }),
    vscode.commands.registerCommand('nixPlatformLens.openReport', () => vscode.window.showTextDocument(uri)),
  );
}
