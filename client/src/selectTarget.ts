import * as vscode from 'vscode';
import type { TargetItem } from '../../server/src/protocol.ts';
import type { FeatureContext } from './feature.ts';
import { offerTarget } from './notice.ts';
import { requests } from './requests.ts';

interface TargetPick extends vscode.QuickPickItem {
  readonly key: string;
}

/** The picker of evaluation targets. */
export function activate({ client, subscriptions }: FeatureContext): void {
  const selectTarget = async (): Promise<void> => {
    const found = client.sendRequest(requests.targets);
    const nothing = new vscode.CancellationTokenSource();
    const picks = found.then(({ targets }) => {
      if (targets.length === 0) nothing.cancel();
      return targets.map(pickOf);
    });
    // Opened at once: it is busy until the targets are found.
    const pick = await vscode.window.showQuickPick(
      picks,
      {
        title: 'Select the target',
        placeHolder: 'The attribute whose closure is judged',
        matchOnDescription: true,
      },
      nothing.token,
    );
    if (pick !== undefined) await client.sendRequest(requests.selectTarget, { key: pick.key });
    else if (nothing.token.isCancellationRequested) await offerTarget(await found);
  };
  subscriptions.push(vscode.commands.registerCommand('nixPlatformLens.selectTarget', selectTarget));
}

function pickOf({ key, label, description, active }: TargetItem): TargetPick {
  return { key, label, description, iconPath: new vscode.ThemeIcon(active ? 'check' : 'blank') };
}
