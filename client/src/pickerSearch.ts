import * as vscode from 'vscode';
import { ProgressType } from 'vscode-languageclient/node';
import type { LanguageClient } from 'vscode-languageclient/node';
import type { TargetsResult } from '../../server/src/protocol.ts';
import { requests } from './requests.ts';

const foundSoFar = new ProgressType<TargetsResult>();
let searches = 0;

/** A search for targets that is under way; disposing of it ends it, with the processes that it started. */
export class PickerSearch implements vscode.Disposable {
  readonly #cancellation = new vscode.CancellationTokenSource();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #progress: vscode.Disposable;
  #found: TargetsResult = { targets: [], evaluateAs: [], systems: [] };
  #isDone = false;
  #hasFailed = false;

  /** More is known, or all of it. */
  readonly onDidChange = this.#changed.event;
  /** All that was found; rejects where the server could not look for it. */
  readonly answer: Promise<TargetsResult>;

  constructor(client: LanguageClient) {
    searches += 1;
    const partialResultToken = `nixPlatformLens.targets.${searches}`;
    this.#progress = client.onProgress(foundSoFar, partialResultToken, (found) => this.#take(found));
    this.answer = this.#ask(client, partialResultToken);
    this.answer.catch(() => (this.#hasFailed = true));
  }

  async #ask(client: LanguageClient, partialResultToken: string): Promise<TargetsResult> {
    try {
      const found = await client.sendRequest(
        requests.targets,
        { partialResultToken },
        this.#cancellation.token,
      );
      this.#isDone = true;
      this.#take(found);
      return found;
    } finally {
      this.#progress.dispose();
    }
  }

  /** What is known by now. */
  get found(): TargetsResult {
    return this.#found;
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  /** {@link answer} says why. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  #take(found: TargetsResult): void {
    this.#found = found;
    this.#changed.fire();
  }

  dispose(): void {
    this.#cancellation.cancel();
    this.#changed.dispose();
  }
}
