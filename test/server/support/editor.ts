import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  ApplyWorkspaceEditRequest,
  CodeLensRefreshRequest,
  InlayHintRefreshRequest,
  ShowMessageNotification,
  StreamMessageReader,
  StreamMessageWriter,
  WorkDoneProgress,
  WorkDoneProgressCreateRequest,
  createProtocolConnection,
  type CancellationToken,
  type CodeAction,
  type CodeActionTriggerKind,
  type CodeLens,
  type Diagnostic,
  type Hover,
  MarkupContent,
  MessageType,
  type InitializeResult,
  type InlayHint,
  type Position,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
  type Range,
  type WorkDoneProgressBegin,
  type WorkDoneProgressEnd,
  type WorkDoneProgressReport,
} from 'vscode-languageserver/node';
import * as z from 'zod';

import { capabilities } from './capabilities.ts';
import { OpenTexts, type EditedText } from './openTexts.ts';
import { until } from '../../support/nixProcesses.ts';
import { v8Flags } from '../../support/v8Flags.ts';
import type { JsonReport } from '../../../server/src/output/json.ts';
import { jsonReportSchema } from '../../../server/src/output/jsonSchemas.ts';
import {
  methods,
  serverFlags,
  type SelectTargetParams,
  type StatusParams,
  type TargetsParams,
  type TargetsResult,
} from '../../../server/src/protocol.ts';

const dist = process.env['NIX_PLATFORM_LENS_DIST'] ?? join(import.meta.dirname, '../../../dist');
/** The built server. */
export const server = join(dist, 'server.cjs');

/**
 * Half the runner's limit of a test, so many times what anything needs: it only
 * makes what hangs say what the server said.
 */
const patienceMs = 300_000;

/** Several times what the server waits for more of the same. */
const quietMs = 300;

export interface EditorOptions {
  readonly root?: string;
  readonly initializationOptions?: unknown;
  /** What `workspace/configuration` answers; undefined: the editor cannot be asked. */
  readonly settings?: unknown;
  /** False: an editor that can nothing but the least. */
  readonly capable?: boolean;
  readonly env?: NodeJS.ProcessEnv;
  /** For what takes longer than anything in a test. */
  readonly patienceMs?: number;
}

/** A text editor in small: a real LSP client that talks to the built server over a pipe. */
export class Editor implements AsyncDisposable {
  readonly connection: ProtocolConnection;
  readonly process: ChildProcessWithoutNullStreams;
  readonly statuses: StatusParams[] = [];
  /** What went wrong. */
  readonly log: string[] = [];
  /** What the server did. */
  readonly information: string[] = [];
  readonly shown: string[] = [];
  /** Kinds of the progress notifications, in order. */
  readonly progress: string[] = [];
  readonly registrations: string[] = [];
  refreshes = 0;
  initialized: InitializeResult | undefined;
  readonly #diagnostics = new Map<string, PublishDiagnosticsParams>();
  readonly #sent = new Map<string, number>();
  readonly #texts = new OpenTexts();
  readonly #waiting = new Set<() => void>();
  /** What the server keeps for later, where the test names no folder. */
  readonly #cache = mkdtempSync(join(tmpdir(), 'npl-cache-'));
  #settings: unknown;
  #progressToken: string | number | undefined;
  /** How often the server has said anything. */
  #heard = 0;
  readonly #patienceMs: number;

  private constructor(options: EditorOptions) {
    if (!existsSync(server)) throw new Error(`There is no ${server}. Run: npm run build`);
    this.process = spawn(process.execPath, [...v8Flags, ...serverFlags, server, '--stdio'], {
      env: { XDG_CACHE_HOME: this.#cache, ...(options.env ?? process.env) },
    });
    this.process.stderr.setEncoding('utf8').on('data', (text: string) => this.log.push(text));
    this.#settings = options.settings;
    this.#patienceMs = options.patienceMs ?? patienceMs;
    this.connection = createProtocolConnection(
      new StreamMessageReader(this.process.stdout),
      new StreamMessageWriter(this.process.stdin),
    );
    this.#listen();
    this.connection.listen();
  }

  static async start(options: EditorOptions = {}): Promise<Editor> {
    const editor = new Editor(options);
    const { root, initializationOptions, settings, capable = true } = options;
    const rootUri = root === undefined ? null : pathToFileURL(root).href;
    editor.initialized = await editor.connection.sendRequest('initialize', {
      processId: process.pid,
      rootUri,
      ...(capable && { workspaceFolders: rootUri === null ? null : [{ uri: rootUri, name: 'workspace' }] }),
      capabilities: capable ? capabilities(settings !== undefined) : {},
      ...(initializationOptions !== undefined && { initializationOptions }),
    });
    await editor.connection.sendNotification('initialized', {});
    return editor;
  }

  #listen(): void {
    const { connection } = this;
    const heard = (): void => {
      this.#heard += 1;
      for (const check of [...this.#waiting]) check();
    };
    connection.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
      this.#diagnostics.set(params.uri, params);
      this.#sent.set(params.uri, (this.#sent.get(params.uri) ?? 0) + 1);
      heard();
    });
    connection.onNotification(methods.status, (status: StatusParams) => {
      this.statuses.push(status);
      heard();
    });
    connection.onNotification(
      'window/logMessage',
      ({ type, message }: { type: MessageType; message: string }) => {
        if (type <= MessageType.Warning) this.log.push(message);
        else this.information.push(message);
        heard();
      },
    );
    connection.onNotification(ShowMessageNotification.type, ({ message }) => {
      this.shown.push(message);
      heard();
    });
    connection.onRequest(ApplyWorkspaceEditRequest.type, async ({ edit }) => {
      await this.apply({ edit });
      return { applied: true };
    });
    connection.onRequest('workspace/configuration', () => {
      return [this.#settings];
    });
    connection.onRequest(
      'client/registerCapability',
      ({ registrations }: { registrations: { method: string }[] }) => {
        this.registrations.push(...registrations.map(({ method }) => method));
        heard();
      },
    );
    connection.onRequest(WorkDoneProgressCreateRequest.type, ({ token }) => {
      const onProgress = (
        value: WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd,
      ): void => {
        this.progress.push(value.kind);
        heard();
      };
      connection.onProgress(WorkDoneProgress.type, token, onProgress);
      this.#progressToken = token;
    });
    const refresh = (): void => {
      this.refreshes += 1;
      heard();
    };
    connection.onRequest(InlayHintRefreshRequest.type, refresh);
    connection.onRequest(CodeLensRefreshRequest.type, refresh);
  }

  /** Waits until something is there; it is looked for whenever the server says anything. */
  until<Value>(what: string, find: () => Value | undefined): Promise<Value> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(check);
      };
      const check = (): void => {
        const value = find();
        if (value === undefined) return;
        stop();
        resolve(value);
      };
      const timer = setTimeout(() => {
        stop();
        const status = JSON.stringify(this.statuses.at(-1));
        reject(new Error(`${what} never came. Status: ${status}\nLog:\n${this.log.join('\n')}`));
      }, this.#patienceMs);
      this.#waiting.add(check);
      check();
    });
  }

  /** The newest status, once it is as wanted; only what comes after `since` statuses counts. */
  status(wanted: (status: StatusParams) => boolean, since = 0): Promise<StatusParams> {
    return this.until('The status', () => this.statuses.slice(since).findLast(wanted));
  }

  /** Waits until the run that is to come, or under way, has ended. */
  async evaluated(since = 0): Promise<StatusParams> {
    return this.status(
      ({ state, stale, asOf }) => (state === 'done' && !stale && asOf === undefined) || state === 'failed',
      since,
    );
  }

  /** @param unsaved what the document holds; left out: what the file holds */
  async open(file: string, unsaved?: string): Promise<void> {
    const text = unsaved ?? (await readFile(file, 'utf8'));
    this.#texts.open(file, text);
    await this.connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri: uriOf(file), languageId: 'nix', version: 1, text },
    });
  }

  /** Types: replaces the first occurrence of a text in an open document. */
  replace(file: string, old: string, text: string): Promise<void> {
    return this.#edit(file, this.rangeOf(file, old), text);
  }

  /** Types behind the first occurrence of a text in an open document. */
  type(file: string, behind: string, text: string): Promise<void> {
    const { end } = this.rangeOf(file, behind);
    return this.#edit(file, { start: end, end }, text);
  }

  /** Replaces the whole text, as some editors always do. */
  rewrite(file: string, text: string): Promise<void> {
    return this.#tellChange(file, this.#texts.rewrite(file, text));
  }

  #edit(file: string, range: Range, text: string): Promise<void> {
    return this.#tellChange(file, this.#texts.edit(file, range, text));
  }

  #tellChange(file: string, { version, contentChanges }: EditedText): Promise<void> {
    return this.connection.sendNotification('textDocument/didChange', {
      textDocument: { uri: uriOf(file), version },
      contentChanges,
    });
  }

  /** Replaces a stretch of an open document, counted in UTF-16 from its start. */
  change(file: string, start: number, end: number, text: string): Promise<void> {
    return this.#edit(file, this.#texts.rangeBetween(file, start, end), text);
  }

  async save(file: string): Promise<void> {
    await writeFile(file, this.#texts.of(file).text);
    await this.connection.sendNotification('textDocument/didSave', { textDocument: { uri: uriOf(file) } });
  }

  /** What an editor's file watcher tells of. */
  changedOnDisk(...files: readonly string[]): Promise<void> {
    const changes = files.map((file) => ({ uri: uriOf(file), type: existsSync(file) ? 2 : 3 }));
    return this.connection.sendNotification('workspace/didChangeWatchedFiles', { changes });
  }

  /** The line of an open document, counted from 0. */
  lineOf(file: string, line: number): string {
    return this.#texts.of(file).text.split('\n')[line] ?? '';
  }

  close(file: string): Promise<void> {
    this.#texts.close(file);
    return this.connection.sendNotification('textDocument/didClose', { textDocument: { uri: uriOf(file) } });
  }

  async changeSettings(settings: unknown): Promise<void> {
    this.#settings = settings;
    await this.connection.sendNotification('workspace/didChangeConfiguration', { settings: null });
  }

  /** Sends settings unasked. */
  push(settings: unknown): Promise<void> {
    return this.connection.sendNotification('workspace/didChangeConfiguration', { settings });
  }

  diagnostics(file: string): readonly Diagnostic[] {
    return this.#diagnostics.get(uriOf(file))?.diagnostics ?? [];
  }

  /** How often the diagnostics of a file were sent. */
  sentDiagnostics(file: string): number {
    return this.#sent.get(uriOf(file)) ?? 0;
  }

  /** The diagnostics of a file, once there are any. */
  someDiagnostics(file: string): Promise<readonly Diagnostic[]> {
    return this.until(`A diagnostic of ${file}`, () => {
      const found = this.diagnostics(file);
      return found.length > 0 ? found : undefined;
    });
  }

  /** Asks again whenever the server says anything, until the answer is there. */
  async soon<Value>(what: string, ask: () => Promise<Value | undefined>): Promise<Value> {
    for (;;) {
      const heard = this.#heard;
      const answer = await ask();
      if (answer !== undefined) return answer;
      await this.until(what, () => (this.#heard > heard ? true : undefined));
    }
  }

  /**
   * Waits until the server has done what it was told so far: longer than it
   * waits for more of the same, and until no run is under way.
   */
  async settled(): Promise<void> {
    // The only thing that is waited for by the clock: that nothing happens.
    await new Promise((resolve) => setTimeout(resolve, quietMs));
    await this.status(({ state }) => state !== 'running', this.statuses.length - 1);
  }

  /** Waits for what nobody tells of, such as the end of a process. */
  untilQuiet(what: string, condition: () => boolean): Promise<void> {
    return until(what, condition);
  }

  /** Presses the button beside the progress. */
  cancelProgress(): Promise<void> {
    return this.connection.sendNotification('window/workDoneProgress/cancel', { token: this.#progressToken });
  }

  execute(command: string, ...given: unknown[]): Promise<unknown> {
    return this.connection.sendRequest('workspace/executeCommand', { command, arguments: given });
  }

  select(params: SelectTargetParams): Promise<unknown> {
    return this.connection.sendRequest(methods.selectTarget, params);
  }

  targets(params: TargetsParams = {}, token?: CancellationToken): Promise<TargetsResult> {
    return token
      ? this.connection.sendRequest(methods.targets, params, token)
      : this.connection.sendRequest(methods.targets, params);
  }

  /** The newest reports, as the command prints them. */
  async reports(): Promise<readonly JsonReport[]> {
    return answeredReports.parse(await this.connection.sendRequest(methods.report));
  }

  /** The only report that there is. */
  async report(): Promise<JsonReport> {
    const [only, ...others] = await this.reports();
    if (!only || others.length > 0) throw new Error(`There are ${others.length} reports besides it, or none`);
    return only;
  }

  rangeOf(file: string, text: string): Range {
    return { start: this.positionOf(file, text), end: this.positionOf(file, text, text.length) };
  }

  /** Where a text stands in an open document, `into` characters into it. */
  positionOf(file: string, text: string, into = 0): Position {
    return this.#texts.positionOf(file, text, into);
  }

  hover(file: string, text: string, into = 0): Promise<Hover | null> {
    const position = this.positionOf(file, text, into);
    return this.connection.sendRequest('textDocument/hover', {
      textDocument: { uri: uriOf(file) },
      position,
    });
  }

  /** The same, as text; empty where there is no hover. */
  async hoverText(file: string, text: string, into = 0): Promise<string> {
    const contents = (await this.hover(file, text, into))?.contents;
    return contents !== undefined && MarkupContent.is(contents) ? contents.value : '';
  }

  inlayHints(file: string, range: Range = everywhere): Promise<InlayHint[]> {
    return this.connection.sendRequest('textDocument/inlayHint', {
      textDocument: { uri: uriOf(file) },
      range,
    });
  }

  codeLenses(file: string): Promise<CodeLens[]> {
    return this.connection.sendRequest('textDocument/codeLens', { textDocument: { uri: uriOf(file) } });
  }

  codeActions(
    file: string,
    diagnostic: Diagnostic,
    triggerKind?: CodeActionTriggerKind,
  ): Promise<CodeAction[]> {
    return this.connection.sendRequest('textDocument/codeAction', {
      textDocument: { uri: uriOf(file) },
      range: diagnostic.range,
      context: { diagnostics: [diagnostic], ...(triggerKind && { triggerKind }) },
    });
  }

  /** What an editor asks for by itself, such as when a file is saved. */
  sourceActions(file: string, kind: string): Promise<CodeAction[]> {
    return this.connection.sendRequest('textDocument/codeAction', {
      textDocument: { uri: uriOf(file) },
      range: everywhere,
      context: { diagnostics: [], only: [kind] },
    });
  }

  /** The text of an open document. */
  textOf(file: string): string {
    return this.#texts.of(file).text;
  }

  /** Applies the server's edits to documents, as an editor does it: those that are not open are opened. */
  async apply({ edit: workspaceEdit }: Pick<CodeAction, 'edit'>): Promise<void> {
    for (const change of workspaceEdit?.documentChanges ?? []) {
      if (!('edits' in change)) continue;
      const { uri, version } = change.textDocument;
      const isOpen = [...this.#texts.files].some((candidate) => uriOf(candidate) === uri);
      const file = fileURLToPath(uri);
      if (!isOpen) await this.open(file);
      if (version !== (isOpen ? this.#texts.of(file).version : null))
        throw new Error('the edit is for another version');
      const edits = change.edits.flatMap((edit) => ('newText' in edit ? edit : []));
      await this.#tellChange(file, this.#texts.apply(file, edits));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.process.exitCode === null) {
      const ended = once(this.process, 'exit');
      await this.connection.sendRequest('shutdown');
      await this.connection.sendNotification('exit');
      await ended;
    }
    this.connection.dispose();
    rmSync(this.#cache, { recursive: true, force: true });
    const fault = this.log.find((line) => faults.test(line));
    if (fault !== undefined) throw new Error(`The server has a fault of its own:\n${fault}`);
  }
}

/** One report stands alone, several are a list. */
const answeredReports = z
  .union([jsonReportSchema, z.array(jsonReportSchema), z.null()])
  .transform((answer) => (answer === null ? [] : Array.isArray(answer) ? answer : [answer]));

/** A diagnostic's text. */
export function textOf({ message }: Diagnostic): string {
  return typeof message === 'string' ? message : message.value;
}

/** What the server logs when something failed where nobody looked, and Node when it ends for that. */
const faults = /Something was left to fail|went wrong in Nix Platform Lens itself|^Node\.js v\d/m;

const everywhere: Range = { start: { line: 0, character: 0 }, end: { line: 100_000, character: 0 } };

export function uriOf(file: string): string {
  return pathToFileURL(file).href;
}
