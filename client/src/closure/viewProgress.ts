import * as vscode from 'vscode';
import type { FeatureContext } from '../feature.ts';

/** A bar above the closure tree for as long as an evaluation is under way. */
export function activate({ status, subscriptions }: FeatureContext): void {
  let finish: (() => void) | undefined;
  subscriptions.push(
    status.onDidChange(({ state }) => {
      if (state !== 'running') {
        finish?.();
        finish = undefined;
      } else if (finish === undefined) {
        const finished = new Promise<void>((resolve) => (finish = resolve));
        void vscode.window.withProgress({ location: { viewId: 'nixPlatformLens.closure' } }, () => finished);
      }
    }),
  );
}
