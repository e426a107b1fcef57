import {
  CodeActionKind,
  DidChangeWatchedFilesNotification,
  ErrorCodes,
  FileChangeType,
  ResponseError,
  TextDocumentSyncKind,
  type Connection,
  type InitializeError,
  type InitializeParams,
  type InitializeResult,
} from 'vscode-languageserver/node';

import { targetFileName } from '../targets/targetFile.ts';
import { fixAllKind } from '../features/repairAll.ts';
import { nixLine, runLine } from '../features/runLog.ts';
import { editorText } from '../features/editorMessages.ts';
import { serverCommands } from '../protocol.ts';
import { fileOfUri } from '../snapshot/documents.ts';
import type { SessionParts } from '../session/parts.ts';
import { Session } from '../session/session.ts';
import type { FileChange } from '../session/watchedFiles.ts';
import { storageDirectory } from '../storage/storageDirectory.ts';
import { abilitiesOf, readInitializationOptions, workspaceRootsOf } from './clientAbilities.ts';
import { EditorSettings } from './editorSettings.ts';
import { answerClient } from './customRequests.ts';
import { answerEditor } from './editorRequests.ts';
import * as forms from './forms.ts';
import { Guard, type LogError } from './handlers.ts';
import { showProgress } from './showProgress.ts';
import { Publisher } from './publisher.ts';

export interface ServerOptions {
  /** Makes what the session stands on. */
  readonly parts: (logError: LogError, storage: string | undefined) => SessionParts;
  readonly version: string;
}

/** Wires a session to a connection and listens. */
export function startServer(connection: Connection, { parts, version }: ServerOptions): void {
  const logError: LogError = (message, error) => {
    const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
    connection.console.error(editorText(`${message}\n${details}`));
  };
  // An exception that nobody catches ends the process, as Node does it: what the session knows may be
  // wrong then. Node prints it to stderr, the client logs that and starts another server.
  process.on('unhandledRejection', (error) => logError('Something was left to fail.', error));

  const guard = new Guard(logError);
  let isInitialized = false;
  connection.onRequest((method) =>
    isInitialized
      ? new ResponseError(ErrorCodes.MethodNotFound, `The server has no method ${method}.`)
      : new ResponseError(ErrorCodes.ServerNotInitialized, `Send initialize before ${method}.`),
  );
  connection.onInitialize((params): InitializeResult | ResponseError<InitializeError> => {
    if (isInitialized) return new ResponseError(ErrorCodes.InvalidRequest, initializedMessage);
    const { storage } = readInitializationOptions(params.initializationOptions);
    const directory = storageDirectory(storage, workspaceRootsOf(params));
    wire(connection, parts(logError, directory), params, guard, logError);
    isInitialized = true;
    return { capabilities, serverInfo: { name: 'Nix Platform Lens', version } };
  });
  connection.listen();
}

const initializedMessage =
  'The server is initialized already, and goes on with what it was told then: shut it down and start another one.';

const capabilities: InitializeResult['capabilities'] = {
  textDocumentSync: {
    openClose: true,
    change: TextDocumentSyncKind.Incremental,
    save: { includeText: false },
  },
  hoverProvider: true,
  completionProvider: { triggerCharacters: ['.'], resolveProvider: true },
  inlayHintProvider: true,
  codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix, fixAllKind] },
  codeLensProvider: {},
  executeCommandProvider: { commands: Object.values(serverCommands) },
  workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
};

function wire(
  connection: Connection,
  parts: SessionParts,
  params: InitializeParams,
  guard: Guard,
  logError: LogError,
): void {
  const abilities = abilitiesOf(params.capabilities);
  const options = readInitializationOptions(params.initializationOptions);
  const session = new Session(parts, { ...options, workspaceRoots: workspaceRootsOf(params) });

  const publisher = new Publisher(connection, abilities, logError);
  let isScheduled = false;
  const publish = (): void => {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      publisher.publish(() => session.snapshot);
    });
  };
  session.onChange(publish);
  session.onRun((run) => void showProgress(connection, run, () => session.cancelRun(run), logError));

  logRuns(connection, session);
  followDocuments(connection, session, guard);
  followFiles(connection, session, guard);
  answerEditor(connection, session, abilities, guard, logError);
  answerClient(connection, session, guard);

  let isStarted = false;
  connection.onInitialized(
    guard.notification('Initialization', async () => {
      if (isStarted) return;
      isStarted = true;
      publish();
      await new EditorSettings(connection, session, abilities, options, logError).start(session.restore());
      if (abilities.watchFiles) {
        const watchers = [
          { globPattern: '**/*.nix' },
          { globPattern: '**/flake.lock' },
          { globPattern: `**/${targetFileName}` },
        ];
        await connection.client.register(DidChangeWatchedFilesNotification.type, { watchers });
      }
      if (abilities.workspaceFolders) {
        connection.workspace.onDidChangeWorkspaceFolders(
          guard.notification('The change of folders', async () => {
            const folders = await connection.workspace.getWorkspaceFolders();
            await session.setWorkspaceRoots((folders ?? []).flatMap(({ uri }) => fileOfUri(uri) ?? []));
          }),
        );
      }
    }),
  );
  connection.onShutdown(() => {
    guard.end();
    return session.dispose();
  });
}

/** Tells the log of each evaluation, and of the Nix that did it where that is another one than before. */
function logRuns(connection: Connection, session: Session): void {
  let lastNix: string | undefined;
  session.onRunEnd((end) => {
    const nix = nixLine(end);
    if (nix !== undefined && nix !== lastNix) connection.console.info(nix);
    lastNix = nix ?? lastNix;
    connection.console.info(runLine(end));
  });
}

function followDocuments(connection: Connection, session: Session, guard: Guard): void {
  connection.onDidOpenTextDocument(
    guard.notification(
      'Opening a document',
      ({ textDocument: { uri, version, text } }) => session.open(uri, version, text),
      forms.openedDocument,
    ),
  );
  connection.onDidChangeTextDocument(
    guard.notification(
      'Changing a document',
      ({ textDocument: { uri, version }, contentChanges }) => session.change(uri, version, contentChanges),
      forms.changedDocument,
    ),
  );
  connection.onDidSaveTextDocument(
    guard.notification(
      'Saving a document',
      ({ textDocument }) => session.save(textDocument.uri),
      forms.aboutDocument,
    ),
  );
  connection.onDidCloseTextDocument(
    guard.notification(
      'Closing a document',
      ({ textDocument }) => session.close(textDocument.uri),
      forms.aboutDocument,
    ),
  );
}

function followFiles(connection: Connection, session: Session, guard: Guard): void {
  connection.onDidChangeWatchedFiles(
    guard.notification(
      'The change of files',
      async ({ changes }) => {
        const known = changes.flatMap(({ uri, type }): FileChange[] => {
          const file = fileOfUri(uri);
          return file === undefined ? [] : [{ file, kind: kinds[type] }];
        });
        await session.filesChanged(known);
      },
      forms.changedFiles,
    ),
  );
}

const kinds = {
  [FileChangeType.Created]: 'created',
  [FileChangeType.Changed]: 'changed',
  [FileChangeType.Deleted]: 'deleted',
} as const;
