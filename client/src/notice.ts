import * as vscode from 'vscode';
import type { TargetsResult } from '../../server/src/protocol.ts';

/** Says in the status bar, for some seconds, what a command did or why it did nothing. */
export function notice(text: string): void {
  vscode.window.setStatusBarMessage(text, 5000);
}

const noTarget = 'No evaluation target was found in this workspace.';

/** Says why there is nothing to evaluate, and offers the setting that can help. */
export async function offerTarget({ problem }: Pick<TargetsResult, 'problem'>): Promise<void> {
  const open = 'Open the Setting';
  if ((await vscode.window.showInformationMessage(problem ?? noTarget, open)) === open) {
    await vscode.commands.executeCommand('workbench.action.openSettings', 'nixPlatformLens.targets');
  }
}
