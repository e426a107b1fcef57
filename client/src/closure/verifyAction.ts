import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import type {
  OutputFinding,
  VerifyOutputsParams,
  VerifyOutputsResult,
} from '../../../server/src/protocol.ts';
import { showFailure } from '../notice.ts';
import { requests } from '../requests.ts';
import { label, message } from '../shownInVsCode.ts';

const scheme = 'nix-platform-lens-verified';

/** Looks at what is in the store of a derivation, and shows it. */
export class OutputVerifier implements vscode.Disposable {
  readonly #client: LanguageClient;
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #texts = new Map<string, string>();
  readonly #registration: vscode.Disposable;

  constructor(client: LanguageClient) {
    this.#client = client;
    this.#registration = vscode.workspace.registerTextDocumentContentProvider(scheme, {
      onDidChange: this.#changed.event,
      provideTextDocumentContent: ({ path }) => this.#texts.get(path) ?? '',
    });
  }

  /** @param reveal shows a derivation in the tree, by the .drv files from the root to it */
  async verify(
    params: VerifyOutputsParams,
    name: string,
    reveal: (path: readonly string[]) => Promise<void>,
  ): Promise<void> {
    const result = await this.#ask(params, name);
    if (result === undefined) return;
    const { state, summary, findings } = result;
    if (findings.length > 0) return this.#choose(result, name, reveal);
    const details = 'Show Details';
    const show = state === 'right' ? vscode.window.showInformationMessage : vscode.window.showWarningMessage;
    const text =
      state === 'absent'
        ? `${name}: nothing of it is in the store yet. Build it first; the details name the command.`
        : `${name}: ${summary}.`;
    if ((await show(message(text), details)) === details) await this.#open(name, result.text);
  }

  /** Undefined where it was cancelled, or failed, which is said. */
  async #ask(params: VerifyOutputsParams, name: string): Promise<VerifyOutputsResult | undefined> {
    const options = {
      location: vscode.ProgressLocation.Notification,
      title: message(`Looking at what is in the store of ${name}`),
      cancellable: true,
    };
    return vscode.window.withProgress(options, async (_, token) => {
      try {
        return await this.#client.sendRequest(requests.verifyOutputs, params, token);
      } catch (error) {
        if (!token.isCancellationRequested) showFailure(error);
        return undefined;
      }
    });
  }

  async #choose(
    { summary, findings, text }: VerifyOutputsResult,
    name: string,
    reveal: (path: readonly string[]) => Promise<void>,
  ): Promise<void> {
    const pick = await vscode.window.showQuickPick(
      [{ label: '$(output) Open the Whole Result', finding: undefined }, ...findings.map(itemOf)],
      {
        title: `${name}: ${summary}`,
        placeHolder: 'Choose a file to see its derivation in the tree',
        matchOnDescription: true,
        matchOnDetail: true,
      },
    );
    if (pick === undefined) return;
    if (pick.finding === undefined || pick.finding.path.length === 0) await this.#open(name, text);
    else await reveal(pick.finding.path);
  }

  async #open(name: string, text: string): Promise<void> {
    const uri = vscode.Uri.from({ scheme, path: `/${name}.txt` });
    this.#texts.set(uri.path, text);
    this.#changed.fire(uri);
    await vscode.window.showTextDocument(uri);
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changed.dispose();
  }
}

/** The icons of VS Code are named as the severities are. */
function itemOf(
  finding: OutputFinding,
): vscode.QuickPickItem & { readonly finding: OutputFinding | undefined } {
  const { severity, label: file, description, storePath } = finding;
  return {
    label: `$(${severity}) ${label(file)}`,
    description: label(description),
    detail: label(storePath),
    finding,
  };
}
