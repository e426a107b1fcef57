import * as vscode from 'vscode';
import type { TargetsResult } from '../../server/src/protocol.ts';
import type { FeatureContext } from './feature.ts';
import { requests } from './requests.ts';

interface SystemPick extends vscode.QuickPickItem {
  /** `null`: this machine's; undefined: ask for its name. */
  readonly system: string | null | undefined;
}

/** The picker of the system that targets are evaluated as. */
export function activate({ client, subscriptions }: FeatureContext): void {
  const selectEvaluateAs = async (): Promise<void> => {
    const picks = client.sendRequest(requests.targets).then(picksOf);
    const pick = await vscode.window.showQuickPick(picks, {
      title: 'Evaluate as',
      placeHolder: 'The value of builtins.currentSystem; any machine can evaluate as any system',
      matchOnDescription: true,
    });
    if (pick === undefined) return;
    const system = pick.system === undefined ? await askForSystem() : pick.system;
    if (system !== undefined) await client.sendRequest(requests.selectTarget, { evaluateAs: system });
  };
  subscriptions.push(vscode.commands.registerCommand('nixPlatformLens.selectEvaluateAs', selectEvaluateAs));
}

function picksOf({ systems, evaluateAs }: TargetsResult): SystemPick[] {
  const [own, ...others] = systems;
  const icon = (active: boolean) => new vscode.ThemeIcon(active ? 'check' : 'blank');
  const picks: SystemPick[] = others.map((system) => ({
    label: system,
    system,
    iconPath: icon(system === evaluateAs),
  }));
  if (own !== undefined) {
    const active = evaluateAs === undefined || evaluateAs === own;
    picks.unshift({ label: own, description: 'this machine', system: null, iconPath: icon(active) });
  }
  picks.push({ label: 'Another system…', system: undefined, iconPath: icon(false), alwaysShow: true });
  return picks;
}

function askForSystem(): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title: 'Evaluate as',
    prompt: 'A system as Nix names it',
    placeHolder: 'riscv64-linux',
    validateInput: (text) => (/^[\w.+]+-[\w.+]+$/.test(text) ? undefined : 'A system such as "x86_64-linux"'),
  });
}
