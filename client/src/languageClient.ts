import * as vscode from 'vscode';
import { LanguageClient, RevealOutputChannelOn, TransportKind } from 'vscode-languageclient/node';
import { clientCommands, serverFlags } from '../../server/src/protocol.ts';
import type { InitializationOptions } from '../../server/src/protocol.ts';
import { section, separateSettings } from './separateSettings.ts';
import { label } from './shownInVsCode.ts';

/** Makes the client of the server that stands beside it in `dist/`; does not start it. */
export function createClient(
  extensionUri: vscode.Uri,
  storageUri: vscode.Uri | undefined,
  output: vscode.LogOutputChannel,
): LanguageClient {
  const module = vscode.Uri.joinPath(extensionUri, 'dist', 'server.cjs').fsPath;
  return new LanguageClient(
    'nixPlatformLens',
    'Nix Platform Lens',
    {
      run: { module, transport: TransportKind.ipc, options: { execArgv: [...serverFlags] } },
      debug: {
        module,
        transport: TransportKind.ipc,
        options: { execArgv: [...serverFlags, '--nolazy', '--inspect=6009'] },
      },
    },
    {
      documentSelector: [{ scheme: 'file', language: 'nix' }],
      // Asked again whenever the server starts: the workspace may be trusted by then.
      initializationOptions: (): InitializationOptions => ({
        trusted: vscode.workspace.isTrusted,
        clientCommands: true,
        separateSettings: true,
        ...(storageUri && { storage: storageUri.fsPath }),
      }),
      outputChannel: output,
      traceOutputChannel: output,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      // The item in the status bar spins already; VS Code would set a second spinner beside it.
      middleware: {
        handleWorkDoneProgress: () => undefined,
        workspace: {
          configuration: ({ items }) =>
            items.map((item) => (item.section === section ? separateSettings() : null)),
        },
        provideCodeLenses: async (document, token, next) =>
          (await next(document, token))?.map(withPlainTitle),
      },
      // A hover may link to this command and to no other: none that fetches or allows something.
      markdown: { isTrusted: { enabledCommands: [clientCommands.showClosure] } },
    },
  );
}

/** VS Code looks for icons in the title of a lens, which names what a repository holds. */
function withPlainTitle(lens: vscode.CodeLens): vscode.CodeLens {
  if (lens.command) lens.command = { ...lens.command, title: label(lens.command.title) };
  return lens;
}
