import * as vscode from 'vscode';
import { State } from 'vscode-languageclient/node';
import type { FeatureContext } from './feature.ts';
import { notifications } from './requests.ts';

/** Tells the server, which only parses until then, that the user trusts the workspace now. */
export function activate({ client, subscriptions }: FeatureContext): void {
  subscriptions.push(
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      // One that starts later learns it from its initialization options; one that is starting may have
      // been told the contrary a moment ago, and the notification waits until it has started.
      if (client.state !== State.Stopped) void client.sendNotification(notifications.trust);
    }),
  );
}
