import * as vscode from 'vscode';
import * as allowPath from './allowPath.ts';
import * as closureView from './closure/closureView.ts';
import * as viewProgress from './closure/viewProgress.ts';
import * as evaluation from './evaluateCommands.ts';
import * as failureActions from './failureMenu.ts';
import type { Feature } from './feature.ts';
import * as flakeInputs from './fetchFlakeInputs.ts';
import { createClient } from './languageClient.ts';
import * as report from './openReport.ts';
import * as saveTargets from './saveTargets.ts';
import * as selectEvaluateAs from './selectEvaluateAs.ts';
import * as selectTarget from './selectTarget.ts';
import { ServerStatus } from './serverStatus.ts';
import * as statusBar from './statusBar.ts';
import * as trust from './trust.ts';

/** Everything that VS Code shows and the language server knows nothing about; one file each. */
const features: readonly Feature[] = [
  statusBar,
  closureView,
  viewProgress,
  evaluation,
  selectTarget,
  selectEvaluateAs,
  failureActions,
  flakeInputs,
  allowPath,
  saveTargets,
  report,
  trust,
];

/** Waits for nobody: VS Code counts what it takes, and what is asked of the server waits for its start by itself. */
export function activate(context: vscode.ExtensionContext): void {
  const output = vscode.window.createOutputChannel('Nix Platform Lens', { log: true });
  const client = createClient(context.extensionUri, context.storageUri, output);
  const status = new ServerStatus(client);
  context.subscriptions.push(
    output,
    status,
    client,
    vscode.commands.registerCommand('nixPlatformLens.showOutput', () => output.show()),
    vscode.commands.registerCommand('nixPlatformLens.restartServer', () => client.restart()),
  );
  for (const feature of features) feature.activate({ subscriptions: context.subscriptions, client, status });
  client.start().catch((error: unknown) => {
    output.error(error instanceof Error ? error : String(error));
    void offerOutput(output);
  });
}

async function offerOutput(output: vscode.OutputChannel): Promise<void> {
  const show = 'Show the Output';
  const told = 'The server of Nix Platform Lens did not start: nothing is judged.';
  if ((await vscode.window.showErrorMessage(told, show)) === show) output.show();
}
