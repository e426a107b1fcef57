import * as vscode from 'vscode';
import type { TargetsResult } from '../../server/src/protocol.ts';
import type { FeatureContext } from './feature.ts';
import { requests } from './requests.ts';
import { label } from './shownInVsCode.ts';

interface SystemPick extends vscode.QuickPickItem {
  /** `null`: this machine's. */
  readonly choose: () => PromiseLike<readonly (string | null)[] | undefined>;
}

const title = 'Evaluate as';
const placeHolder = 'The value of builtins.currentSystem; any machine can evaluate as any system';

/** The picker of the systems that targets are evaluated as: one at once, or several with check boxes. */
export function activate({ client, subscriptions }: FeatureContext): void {
  const selectEvaluateAs = async (): Promise<void> => {
    const picks = client.sendRequest(requests.targets, { known: true }).then(picksOf);
    const pick = await vscode.window.showQuickPick(picks, { title, placeHolder, matchOnDescription: true });
    const evaluateAs = await pick?.choose();
    if (evaluateAs !== undefined) await client.sendRequest(requests.selectTarget, { evaluateAs });
  };
  subscriptions.push(vscode.commands.registerCommand('nixPlatformLens.selectEvaluateAs', selectEvaluateAs));
}

function picksOf(found: TargetsResult): SystemPick[] {
  const icon = (name: string) => new vscode.ThemeIcon(name);
  return [
    ...systemsOf(found).map(({ label: name, description, system, picked }) => ({
      label: label(name),
      description,
      iconPath: icon(picked ? 'check' : 'blank'),
      choose: () => Promise.resolve([system]),
    })),
    {
      label: 'Choose several…',
      iconPath: icon('checklist'),
      alwaysShow: true,
      choose: () => chooseSeveral(found),
    },
    { label: 'Another system…', iconPath: icon('blank'), alwaysShow: true, choose: askForSystem },
  ];
}

/** This machine's own system first. */
function systemsOf({ systems, evaluateAs }: TargetsResult) {
  return systems.map((name, index) => {
    const system = index === 0 ? null : name;
    const picked = evaluateAs.some((active) => active === system || active === name);
    return { label: label(name), description: index === 0 ? 'this machine' : '', system, picked };
  });
}

async function chooseSeveral(found: TargetsResult): Promise<readonly (string | null)[] | undefined> {
  const picks = await vscode.window.showQuickPick(systemsOf(found), {
    title,
    placeHolder,
    canPickMany: true,
  });
  return picks === undefined || picks.length === 0 ? undefined : picks.map(({ system }) => system);
}

async function askForSystem(): Promise<readonly string[] | undefined> {
  const system = await vscode.window.showInputBox({
    title,
    prompt: 'A system as Nix names it',
    placeHolder: 'riscv64-linux',
    validateInput: (text) => (/^[\w.+]+-[\w.+]+$/.test(text) ? undefined : 'A system such as "x86_64-linux"'),
  });
  return system === undefined ? undefined : [system];
}
