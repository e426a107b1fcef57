import * as vscode from 'vscode';
import type { TargetsResult } from '../../server/src/protocol.ts';
import { label, message } from './shownInVsCode.ts';

/** Says in the status bar, for some seconds, what a command did or why it did nothing. */
export function notice(text: string): void {
  vscode.window.setStatusBarMessage(label(text), 5000);
}

const noTarget = 'No evaluation target was found in this workspace.';

/** Says why there is nothing to evaluate, and offers the setting that can help. */
export async function offerTarget({ problem }: Pick<TargetsResult, 'problem'>): Promise<void> {
  const open = 'Open the Setting';
  if ((await vscode.window.showInformationMessage(message(problem ?? noTarget), open)) === open) {
    await vscode.commands.executeCommand('workbench.action.openSettings', 'nixPlatformLens.targets');
  }
}

/** Says what went wrong with something that the person asked for. */
export function showFailure(error: unknown): void {
  void vscode.window.showErrorMessage(message(error instanceof Error ? error.message : String(error)));
}
