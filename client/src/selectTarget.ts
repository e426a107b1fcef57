import * as vscode from 'vscode';
import type { TargetItem } from '../../server/src/protocol.ts';
import type { FeatureContext } from './feature.ts';
import { requests } from './requests.ts';

interface TargetPick extends vscode.QuickPickItem {
  readonly key: string;
}

/** The picker of evaluation targets. */
export function activate({ client, subscriptions }: FeatureContext): void {
  const selectTarget = async (): Promise<void> => {
    const found = client.sendRequest(requests.targets);
    const { targets, problem } = await vscode.window.withProgress(
      { location: { viewId: 'nixPlatformLens.closure' } },
      () => found,
    );
    if (targets.length === 0) {
      await offerSettings(problem ?? 'No evaluation target was found in this workspace.');
      return;
    }
    const pick = await vscode.window.showQuickPick(targets.map(pickOf), {
      title: 'Select the target',
      placeHolder: 'The attribute whose closure is judged',
      matchOnDescription: true,
    });
    if (pick !== undefined) await client.sendRequest(requests.selectTarget, { key: pick.key });
  };
  subscriptions.push(vscode.commands.registerCommand('nixPlatformLens.selectTarget', selectTarget));
}

function pickOf({ key, label, description, active }: TargetItem): TargetPick {
  return { key, label, description, iconPath: new vscode.ThemeIcon(active ? 'check' : 'blank') };
}

async function offerSettings(problem: string): Promise<void> {
  const open = 'Open the Setting';
  if ((await vscode.window.showInformationMessage(problem, open)) === open) {
    await vscode.commands.executeCommand('workbench.action.openSettings', 'nixPlatformLens.targets');
  }
}
