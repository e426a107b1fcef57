import * as vscode from 'vscode';
import type { FeatureContext } from './feature.ts';
import { notifications } from './requests.ts';

/** Tells the server, which only parses until then, that the user trusts the workspace now. */
export function activate({ client, subscriptions }: FeatureContext): void {
  subscriptions.push(
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      // A server that starts later learns it from its initialization options.
      if (client.isRunning()) void client.sendNotification(notifications.trust);
    }),
  );
}
