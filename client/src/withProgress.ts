import * as vscode from 'vscode';
import { message } from './shownInVsCode.ts';

/** Longer than this, in milliseconds, nobody waits without being told for what. */
const patience = 500;

/** Carries out work that is mostly done at once; while it takes longer, its title and a button to cancel it are shown. */
export async function withProgressWhenSlow<Result>(
  title: string,
  work: (token: vscode.CancellationToken) => Promise<Result>,
): Promise<Result> {
  const cancellation = new vscode.CancellationTokenSource();
  const working = work(cancellation.token);
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: message(title),
    cancellable: true,
  };
  const show = (): void => {
    void vscode.window.withProgress(options, async (_, token) => {
      token.onCancellationRequested(() => cancellation.cancel());
      await Promise.allSettled([working]);
    });
  };
  const timer = setTimeout(show, patience);
  try {
    return await working;
  } finally {
    clearTimeout(timer);
    cancellation.dispose();
  }
}
