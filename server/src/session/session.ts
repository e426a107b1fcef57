import { readFile } from 'node:fs/promises';
import type { TextDocumentContentChangeEvent } from 'vscode-languageserver-textdocument';

import type { System } from '../model/system.ts';
import type { EvaluateAtParams } from '../protocol.ts';
import { parseSourceFile, type SourceFile } from '../syntax/sourceFile.ts';
import { Debounce } from './debounce.ts';
import { changeDocument, fileOfUri, openDocument, type OpenDocument } from './documents.ts';
import type { NixConnection, SessionParts } from './parts.ts';
import { RangeTracker } from './rangeTracker.ts';
import type { Run, RunEnd } from './run.ts';
import { Runs } from './runs.ts';
import { defaultSettings, type Settings } from './settings.ts';
import type { Snapshot } from './snapshot.ts';
import { Store, type Aspect } from './store.ts';
import { findSyntaxProblems } from './syntaxProblems.ts';
import { forgotten, Targets } from './targets.ts';

export interface FileChange {
  readonly file: string;
  readonly kind: 'created' | 'changed' | 'deleted';
}

export interface SessionOptions {
  readonly trusted: boolean;
  readonly clientCommands: boolean;
  readonly workspaceRoots: readonly string[];
}

/** Milliseconds to wait for more of the same before something starts. */
const delays = { open: 60, save: 5, filesChanged: 60, parse: 120 } as const;

/**
 * The sole owner of mutable state in the server: documents, settings, trust,
 * the active target, the run that is under way and the newest report. Hands
 * out immutable snapshots.
 *
 * Runs evaluate what is on disk: unsaved text is never evaluated, the report is
 * then stale. Nothing is evaluated before {@link Session.configure} was called
 * once, nor in an untrusted workspace.
 */
export class Session {
  readonly #parts: SessionParts;
  readonly #store: Store;
  readonly #targets: Targets;
  readonly #runs: Runs;
  readonly #evaluateSoon = new Debounce(() => this.evaluate());
  readonly #parseSoon = new Debounce(() => void this.#findSyntaxProblems());
  readonly #sources = new WeakMap<OpenDocument, SourceFile>();
  #nix: NixConnection;
  #configured = false;
  #chosenSystem: System | null | undefined;

  constructor(parts: SessionParts, options: SessionOptions) {
    this.#parts = parts;
    this.#nix = parts.connectNix(undefined);
    this.#store = new Store(emptySnapshot(options));
    const nix = (): NixConnection => this.#nix;
    this.#targets = new Targets(this.#store, nix, parts.logError);
    this.#runs = new Runs(this.#store, this.#targets, nix, parts.logError);
  }

  get snapshot(): Snapshot {
    return this.#store.snapshot;
  }

  onChange(listener: (aspects: ReadonlySet<Aspect>) => void): void {
    this.#store.onChange(listener);
  }

  /** Tells of each run as it starts. */
  onRun(listener: (run: Run) => void): void {
    this.#runs.onStart(listener);
  }

  /** Tells of each evaluation as it ends. */
  onRunEnd(listener: (end: RunEnd) => void): void {
    this.#runs.onEnd(listener);
  }

  /** Ends what is under way; settles when its processes have ended and its files are gone. */
  async dispose(): Promise<void> {
    this.#evaluateSoon.cancel();
    this.#parseSoon.cancel();
    this.#store.dispose();
    await Promise.all([this.#runs.dispose(), this.#targets.dispose()]);
  }

  open(uri: string, version: number, text: string): void {
    const file = fileOfUri(uri);
    if (file === undefined) return;
    const document = openDocument(uri, file, version, text);
    this.#setDocument(document, (ranges) => ranges.opened(document));
    this.#evaluateIfNothingIsKnown();
  }

  change(uri: string, version: number, changes: readonly TextDocumentContentChangeEvent[]): void {
    const before = this.#document(uri);
    if (!before) return;
    const change = changeDocument(before, version, changes);
    this.#setDocument(change.document, (ranges) => ranges.changed(before, change));
  }

  save(uri: string): void {
    const document = this.#document(uri);
    if (!document) return;
    this.#setDocument({ ...document, savedText: document.text }, (ranges) => ranges);
    this.#filesDiffer(delays.save);
  }

  close(uri: string): void {
    const document = this.#document(uri);
    if (!document) return;
    const documents = new Map(this.snapshot.documents);
    documents.delete(document.file);
    const syntaxProblems = new Map(this.snapshot.syntaxProblems);
    syntaxProblems.delete(document.file);
    this.#store.update(
      { documents, syntaxProblems, ...this.#moveRanges((ranges) => ranges.closed(document.file)) },
      'documents',
      'syntax',
    );
  }

  /** The parsed text of an open document; undefined where it is not open. */
  async parse(uri: string): Promise<SourceFile | undefined> {
    const document = this.#document(uri);
    if (!document) return undefined;
    const known = this.#sources.get(document);
    if (known) return known;
    const source = parseSourceFile(document.file, document.text, await this.#parts.loadParser());
    this.#sources.set(document, source);
    return source;
  }

  /** Files that changed on disk, by whatever program. */
  async filesChanged(changes: readonly FileChange[]): Promise<void> {
    const news = await Promise.all(changes.map((change) => this.#isNews(change)));
    if (news.includes(true)) this.#filesDiffer(delays.filesChanged);
  }

  configure(settings: Settings): void {
    const { settings: before } = this.snapshot;
    const isFirst = !this.#configured;
    this.#configured = true;
    const wasKnown = this.#isKnown();
    this.#store.update({ settings }, 'settings');
    this.#evaluateAs(this.#systemOf(settings));
    if (settings['nix.directory'] !== before['nix.directory']) this.#connectNix();
    if (settings.targets.length > 0 || before.targets.length > 0) this.#targets.relist();
    if (isFirst) this.#evaluateIfNothingIsKnown();
    else if (wasKnown && concernsRuns(before) !== concernsRuns(settings))
      this.#evaluateSoon.soon(delays.open);
  }

  /** The user trusts the workspace now. */
  trust(): void {
    if (this.snapshot.trusted) return;
    this.#parseSoon.cancel();
    this.#store.update({ trusted: true, syntaxProblems: new Map() }, 'settings', 'syntax');
    this.#evaluateIfNothingIsKnown();
  }

  setWorkspaceRoots(workspaceRoots: readonly string[]): void {
    this.#store.update({ workspaceRoots }, 'settings');
    this.#targets.invalidate();
    this.#evaluateIfNothingIsKnown();
  }

  /** Looks for evaluation targets where that was not done since the files changed last. */
  findTargets(): Promise<void> {
    return this.#targets.find();
  }

  /**
   * Makes a target the active one and starts to evaluate it.
   *
   * @param key undefined: keep the target
   * @param evaluateAs `null`: this machine's system; undefined: keep
   * @throws NoSuchTargetError when there is no such target
   */
  async selectTarget(key: string | undefined, evaluateAs: System | null | undefined): Promise<void> {
    if (key !== undefined) await this.#targets.choose(key);
    if (evaluateAs !== undefined) {
      this.#chosenSystem = evaluateAs;
      this.#evaluateAs(this.#systemOf(this.snapshot.settings));
    }
    this.evaluate();
  }

  /**
   * Makes the target whose attribute is at a position the active one and starts to evaluate it.
   *
   * @throws NoSuchTargetError when nothing there can be evaluated
   */
  async evaluateAt(place: EvaluateAtParams): Promise<void> {
    await this.#targets.chooseAt(place);
    this.evaluate();
  }

  /** Starts a run of the active target, unless the workspace is untrusted. */
  evaluate(): void {
    this.#evaluateSoon.cancel();
    if (!this.snapshot.trusted) return;
    // It may have been installed meanwhile.
    if (this.#nix.isUnavailable()) this.#connectNix();
    this.#runs.start();
  }

  /** Cancels the run that is under way, and the one that is about to start. */
  cancel(): void {
    this.#evaluateSoon.cancel();
    this.#runs.cancel();
  }

  /** Cancels this run, and no newer one. */
  cancelRun(run: Run): void {
    this.#runs.cancel(run);
  }

  #connectNix(): void {
    this.#nix = this.#parts.connectNix(this.snapshot.settings['nix.directory'] || undefined);
    this.#targets.invalidate();
    this.#store.update({ buildConfiguration: undefined });
  }

  #systemOf(settings: Settings): System | undefined {
    const system = this.#chosenSystem === undefined ? settings.evaluateAs : this.#chosenSystem;
    return system ?? undefined;
  }

  #evaluateAs(system: System | undefined): void {
    if (system === this.snapshot.evaluateAs) return;
    this.#store.update({ evaluateAs: system, ...forgotten }, 'evaluation', 'targets');
  }

  #isKnown(): boolean {
    const { evaluated, failure, running } = this.snapshot;
    return evaluated !== undefined || failure !== undefined || running !== undefined;
  }

  #evaluateIfNothingIsKnown(): void {
    const { trusted, settings, documents } = this.snapshot;
    const mayRun = trusted && this.#configured && settings['evaluation.onOpen'] && documents.size > 0;
    if (mayRun && !this.#isKnown()) this.#evaluateSoon.soon(delays.open);
  }

  #filesDiffer(delay: number): void {
    const { trusted, settings, diskGeneration } = this.snapshot;
    this.#targets.invalidate();
    this.#store.update({ diskGeneration: diskGeneration + 1 }, 'run');
    if (trusted && this.#configured && settings['evaluation.onSave']) this.#evaluateSoon.soon(delay);
  }

  /** False where a change on disk is the editor's own save, or was evaluated already. */
  async #isNews({ file, kind }: FileChange): Promise<boolean> {
    if (kind === 'deleted') return true;
    const text = await readFile(file, 'utf8').catch(() => undefined);
    const { documents, evaluated, running } = this.snapshot;
    const document = documents.get(file);
    if (document) return text !== document.savedText;
    return running !== undefined || text === undefined || evaluated?.report.sources.get(file) !== text;
  }

  #document(uri: string): OpenDocument | undefined {
    const file = fileOfUri(uri);
    return file === undefined ? undefined : this.snapshot.documents.get(file);
  }

  #setDocument(document: OpenDocument, move: (ranges: RangeTracker) => RangeTracker): void {
    const documents = new Map(this.snapshot.documents).set(document.file, document);
    this.#store.update({ documents, ...this.#moveRanges(move) }, 'documents');
    if (!this.snapshot.trusted) this.#parseSoon.soon(delays.parse);
  }

  #moveRanges(move: (ranges: RangeTracker) => RangeTracker): Partial<Snapshot> {
    const { evaluated, failure, targetRanges } = this.snapshot;
    return {
      targetRanges: move(targetRanges),
      evaluated: evaluated && { ...evaluated, ranges: move(evaluated.ranges) },
      failure: failure && { ...failure, ranges: move(failure.ranges) },
    };
  }

  async #findSyntaxProblems(): Promise<void> {
    try {
      const parser = await this.#parts.loadParser();
      const { trusted, documents } = this.snapshot;
      if (trusted) return;
      const syntaxProblems = new Map(
        [...documents].map(([file, { text }]) => [file, findSyntaxProblems(text, parser)]),
      );
      this.#store.update({ syntaxProblems }, 'syntax');
    } catch (error) {
      this.#parts.logError('The Nix grammar could not be used.', error);
    }
  }
}

/** The settings on which an evaluation's outcome depends, to be compared. */
function concernsRuns(settings: Settings): string {
  const shown = /^(inlayHints|codeLens)\.|^evaluation\.on/;
  return JSON.stringify(Object.entries(settings).filter(([key]) => !shown.test(key)));
}

function emptySnapshot({ trusted, clientCommands, workspaceRoots }: SessionOptions): Snapshot {
  return {
    trusted,
    clientCommands,
    workspaceRoots,
    settings: defaultSettings,
    documents: new Map(),
    targets: undefined,
    searchProblem: undefined,
    targetRanges: RangeTracker.from(new Map(), []),
    activeTarget: undefined,
    evaluateAs: undefined,
    running: undefined,
    evaluated: undefined,
    failure: undefined,
    notice: undefined,
    diskGeneration: 0,
    buildConfiguration: undefined,
    syntaxProblems: new Map(),
  };
}
