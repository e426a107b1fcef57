import * as vscode from 'vscode';
import { State } from 'vscode-languageclient/node';
import type { LanguageClient } from 'vscode-languageclient/node';
import type { StatusParams } from '../../server/src/protocol.ts';
import { notifications } from './requests.ts';

/** The newest status that the server sent; also kept as context keys, for the manifest's `when` clauses. */
export class ServerStatus implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<StatusParams>();
  readonly #subscriptions: readonly { dispose(): unknown }[];
  #current: StatusParams;

  readonly onDidChange = this.#changed.event;

  constructor(client: LanguageClient) {
    this.#current = beforeTheFirst();
    this.#setContextKeys();
    this.#subscriptions = [
      client.onNotification(notifications.status, (status) => this.#update(status)),
      client.onDidChangeState(({ newState }) => {
        if (newState === State.Stopped) this.#update(beforeTheFirst());
      }),
    ];
  }

  get current(): StatusParams {
    return this.#current;
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#changed.dispose();
  }

  #update(status: StatusParams): void {
    this.#current = status;
    this.#setContextKeys();
    this.#changed.fire(status);
  }

  #setContextKeys(): void {
    setContextKey('state', this.#current.state);
    // The walkthrough's first step is done by it; VS Code's own key is set before anybody listens.
    setContextKey('trusted', this.#current.state !== 'untrusted');
    setContextKey('problem', this.#current.problem);
    setContextKey('hasReport', this.#current.reportId !== undefined);
  }
}

function beforeTheFirst(): StatusParams {
  return { state: vscode.workspace.isTrusted ? 'idle' : 'untrusted', stale: false, evaluations: [] };
}

function setContextKey(name: string, value: unknown): void {
  void vscode.commands.executeCommand('setContext', `nixPlatformLens.${name}`, value);
}
