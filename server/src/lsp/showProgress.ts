import type { Connection } from 'vscode-languageserver';

import type { Run } from '../session/evaluationRun.ts';
import type { LogError } from './handlers.ts';

/** Shows runs as work-done progress that can be cancelled, where the client can show any. */
export async function showProgress(
  connection: Connection,
  run: Run,
  onCancel: () => void,
  logError: LogError,
): Promise<void> {
  try {
    const progress = await connection.window.createWorkDoneProgress();
    progress.begin('Nix Platform Lens', undefined, run.step, true);
    try {
      const cancelling = progress.token.onCancellationRequested(onCancel);
      run.onStep((step) => progress.report(step));
      await run.settled;
      cancelling.dispose();
    } finally {
      progress.done();
    }
  } catch (error) {
    logError('The progress of the evaluation cannot be shown.', error);
  }
}
