import * as vscode from 'vscode';
import type { TargetItem } from '../../server/src/protocol.ts';
import type { FeatureContext } from './feature.ts';
import { offerTarget } from './notice.ts';
import { requests } from './requests.ts';
import { searchGroup } from './searchGroup.ts';

interface TargetPick extends vscode.QuickPickItem {
  /** Undefined: choose several instead of one. */
  readonly target: TargetItem | undefined;
}

const title = 'Select the targets';
const placeHolder = 'Attributes whose closures are judged';

/** The picker of evaluation targets: one at once, or several with check boxes. */
export function activate({ client, subscriptions }: FeatureContext): void {
  const keysOf = async ({ target }: TargetPick, all: readonly TargetItem[]): Promise<readonly string[]> => {
    if (target === undefined) return chooseSeveral(all.filter(({ group }) => !group));
    if (!target.group) return [target.key];
    const key = await searchGroup(client, target);
    return key === undefined ? [] : [key];
  };

  const selectTarget = async (): Promise<void> => {
    const found = client.sendRequest(requests.targets, {});
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
    const keys = await keysOf(pick, await targets);
    if (keys.length > 0) await client.sendRequest(requests.selectTarget, { keys });
  };
  subscriptions.push(vscode.commands.registerCommand('nixPlatformLens.selectTarget', selectTarget));
}

const several: TargetPick = {
  target: undefined,
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

function pickOf(target: TargetItem): TargetPick {
  const { label, description, active, group } = target;
  const icon = group ? 'search' : active ? 'check' : 'blank';
  return { target, label, description, iconPath: new vscode.ThemeIcon(icon) };
}
