import type { CancellationToken } from 'vscode-languageserver';

/** A request's cancellation, as Node's own interfaces take it. */
export function signalOf(token: CancellationToken): AbortSignal {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  token.onCancellationRequested(() => controller.abort());
  return controller.signal;
}
