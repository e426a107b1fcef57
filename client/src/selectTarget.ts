import * as vscode from 'vscode';
import type { TargetItem } from '../../server/src/protocol.ts';
import type { FeatureContext } from './feature.ts';
import { offerTarget } from './notice.ts';
import { requests } from './requests.ts';

interface TargetPick extends vscode.QuickPickItem {
  /** Undefined: choose several instead of one. */
  readonly key: string | undefined;
}

const title = 'Select the targets';
const placeHolder = 'Attributes whose closures are judged';

/** The picker of evaluation targets: one at once, or several with check boxes. */
export function activate({ client, subscriptions }: FeatureContext): void {
  const selectTarget = async (): Promise<void> => {
    const found = client.sendRequest(requests.targets);
    const nothing = new vscode.CancellationTokenSource();
    const targets = found.then((result) => {
      if (result.targets.length === 0) nothing.cancel();
      return result.targets;
    });
    // Opened at once: it is busy until the targets are found.
    const picks = targets.then((all) => [...(all.length > 1 ? [several] : []), ...all.map(pickOf)]);
    const options = { title, placeHolder, matchOnDescription: true };
    const pick = await vscode.window.showQuickPick(picks, options, nothing.token);
    if (nothing.token.isCancellationRequested) return offerTarget(await found);
    if (pick === undefined) return;
    const keys = pick.key === undefined ? await chooseSeveral(await targets) : [pick.key];
    if (keys.length > 0) await client.sendRequest(requests.selectTarget, { keys });
  };
  subscriptions.push(vscode.commands.registerCommand('nixPlatformLens.selectTarget', selectTarget));
}

const several: TargetPick = {
  key: undefined,
  label: 'Choose several…',
  iconPath: new vscode.ThemeIcon('checklist'),
  alwaysShow: true,
};

async function chooseSeveral(targets: readonly TargetItem[]): Promise<readonly string[]> {
  const items = targets.map(({ key, label, description, active }) => ({
    key,
    label,
    description,
    picked: active,
  }));
  const options = { title, placeHolder, matchOnDescription: true, canPickMany: true } as const;
  const picks = await vscode.window.showQuickPick(items, options);
  return picks?.map(({ key }) => key) ?? [];
}

function pickOf({ key, label, description, active }: TargetItem): TargetPick {
  return { key, label, description, iconPath: new vscode.ThemeIcon(active ? 'check' : 'blank') };
}
