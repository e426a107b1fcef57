import { basename } from 'node:path';
import type { TextDocumentContentChangeEvent } from 'vscode-languageserver-textdocument';

import { targetFileName } from '../targets/targetFile.ts';
import { readTextIfPossible } from '../files/regularFile.ts';
import type { Position } from '../model/location.ts';
import type { System } from '../model/system.ts';
import type { EvaluateAtParams } from '../protocol.ts';
import type { ChosenTarget } from '../storage/choice.ts';
import { unreachedFiles } from '../snapshot/activeEvaluations.ts';
import type { PointedSource } from '../syntax/documentTree.ts';
import { Allowing } from './allowing.ts';
import { Asking } from './asking.ts';
import { Debounce } from './debounce.ts';
import { changeDocument, fileOfUri, openDocument, type OpenDocument } from '../snapshot/documents.ts';
import { DocumentTrees, without } from './documentTrees.ts';
import { emptySnapshot } from '../snapshot/emptySnapshot.ts';
import { applyLevels } from './outcomes.ts';
import type { NixConnection, SessionParts } from './parts.ts';
import { fetchActions } from '../snapshot/possibleActions.ts';
import type { RangeTracker } from '../snapshot/rangeTracker.ts';
import type { Run, RunEnd } from './run.ts';
import { Recall } from './recall.ts';
import { FetchError, Runs } from './runs.ts';
import type { Settings } from '../snapshot/settings.ts';
import {
  hasOutcome,
  isCancelled,
  type Evaluation,
  type Snapshot,
  type TargetEntry,
} from '../snapshot/snapshot.ts';
import { Store, type Aspect } from './store.ts';
import { watchSystems } from './systemComparisons.ts';
import type { SyntaxProblem } from '../snapshot/syntaxProblems.ts';
import { Targets } from './targets.ts';
import { Verifying } from './verifying.ts';

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
 * the active targets, the runs that are under way and the newest reports. Hands
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
  /** Questions about what the runs did not observe. */
  readonly asking: Asking;
  /** What targets may name outside the workspace. */
  readonly allowing: Allowing;
  /** Looks at what is in the store. */
  readonly verifying: Verifying;
  readonly #recall: Recall;
  readonly #evaluateSoon = new Debounce(() => this.evaluate());
  readonly #parseSoon = new Debounce(() => void this.#lookThrough());
  readonly #trees: DocumentTrees;
  #nix: NixConnection;
  #configured = false;
  /** What was evaluated last in the former session. */
  #lastTargets: readonly ChosenTarget[] = [];

  constructor(parts: SessionParts, options: SessionOptions) {
    this.#parts = parts;
    this.#nix = parts.connectNix(undefined);
    this.#trees = new DocumentTrees(parts.loadParser);
    this.#store = new Store(emptySnapshot(options));
    const nix = (): NixConnection => this.#nix;
    this.#targets = new Targets(this.#store, nix, parts.logError);
    this.#runs = new Runs(this.#store, this.#targets, nix, parts);
    this.asking = new Asking(this.#store, nix);
    this.allowing = new Allowing(this.#store, parts, () => this.evaluate());
    this.verifying = new Verifying(this.#store, nix);
    this.#recall = new Recall(this.#store, parts);
    this.#runs.onOutcome(() => this.#accompany());
    watchSystems(this.#store, nix, parts.logError);
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
    this.#trees[Symbol.dispose]();
    await Promise.all([
      this.#runs.dispose(),
      this.#targets.dispose(),
      this.asking.dispose(),
      this.verifying.dispose(),
      this.#recall.dispose(),
    ]);
  }

  /** Takes up what was chosen in a former session; to be called before the first settings. */
  async restore(): Promise<void> {
    await this.#readTargetFiles();
    const { storage } = this.#parts;
    const choice = await storage?.readChoice();
    if (choice) this.#targets.restore(choice);
    this.#lastTargets = (await storage?.readLastTargets()) ?? [];
    await this.allowing.restore();
  }

  open(uri: string, version: number, text: string): void {
    const file = fileOfUri(uri);
    if (file === undefined) return;
    const document = openDocument(uri, file, version, text);
    this.#setDocument(document, (ranges) => ranges.opened(document));
    this.#parseSoon.soon(delays.parse);
    this.#evaluateIfNothingIsKnown();
    this.#accompany();
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
    this.#parseSoon.soon(delays.parse);
    void this.asking.fileChanged(document.file);
    this.#filesDiffer(delays.save);
  }

  close(uri: string): void {
    const document = this.#document(uri);
    if (!document) return;
    const documents = new Map(this.snapshot.documents);
    documents.delete(document.file);
    this.#trees.close(document.file);
    const { syntaxProblems, textLimits } = this.snapshot;
    this.#store.update(
      {
        documents,
        syntaxProblems: without(syntaxProblems, document.file),
        textLimits: without(textLimits, document.file),
        ...this.#moveRanges((ranges) => ranges.closed(document.file)),
      },
      'documents',
      'syntax',
    );
    this.#accompany();
  }

  /** What a position of an open document touches; undefined where it is not open, or beyond a limit. */
  async parseAround(uri: string, position: Position): Promise<PointedSource | undefined> {
    const document = this.#document(uri);
    return document && this.#trees.around(document.file, () => this.#document(uri), position);
  }

  /** Files that changed on disk, by whatever program. */
  async filesChanged(all: readonly FileChange[]): Promise<void> {
    const isShared = ({ file }: FileChange): boolean => basename(file) === targetFileName;
    if (all.some(isShared)) {
      const before = concernsTargets(this.snapshot);
      await this.#readTargetFiles();
      this.#targets.relist();
      const isOther = concernsTargets(this.snapshot) !== before;
      if (isOther && this.snapshot.trusted && this.#configured) this.#evaluateSoon.soon(delays.filesChanged);
    }
    const changes = all.filter((change) => !isShared(change));
    const news = await Promise.all(changes.map((change) => this.#isNews(change)));
    if (!news.includes(true)) return;
    void this.asking.invalidate();
    this.#filesDiffer(delays.filesChanged);
  }

  configure(settings: Settings): void {
    const { settings: before } = this.snapshot;
    const isFirst = !this.#configured;
    this.#configured = true;
    const wasKnown = this.#isKnown();
    this.#store.update({ settings }, 'settings');
    this.#applyLevels();
    void this.asking.configure();
    if (settings['nix.directory'] !== before['nix.directory']) this.#connectNix();
    const isNamed = settings.targets.length > 0 || this.snapshot.targetFiles.length > 0;
    if (isNamed || before.targets.length > 0) this.#targets.relist();
    else this.#targets.activate();
    if (isFirst) {
      if (settings['cache.enabled']) this.#targets.resume(this.#lastTargets);
      this.#recall.start();
      this.#evaluateIfNothingIsKnown();
    } else if (concernsRuns(before) !== concernsRuns(settings)) {
      this.#recall.outdate();
      if (wasKnown) this.#evaluateSoon.soon(delays.open);
    }
  }

  /** The user trusts the workspace now. */
  trust(): void {
    if (this.snapshot.trusted) return;
    this.#store.update({ trusted: true, syntaxProblems: new Map() }, 'settings', 'syntax');
    this.#evaluateIfNothingIsKnown();
  }

  /** Folders were added or removed, with the targets that they share. */
  async setWorkspaceRoots(workspaceRoots: readonly string[]): Promise<void> {
    this.#store.update({ workspaceRoots }, 'settings');
    this.#targets.invalidate();
    await this.#readTargetFiles();
    this.#targets.relist();
    this.#evaluateIfNothingIsKnown();
    this.#accompany();
  }

  /**
   * Looks for evaluation targets where that was not done since the files changed last.
   *
   * @param wanted ends the search, or the wait for one that somebody else began
   * @param onPart called whenever the snapshot has more of what was found
   */
  findTargets(wanted?: AbortSignal, onPart?: () => void): Promise<void> {
    return this.#targets.find(wanted, onPart);
  }

  /**
   * Looks for targets in a group, which are too many to be listed unasked.
   *
   * @param parent the group's key
   * @throws NoSuchTargetError when there is no such group, or it cannot be listed
   */
  searchTargets(parent: string, text: string, signal: AbortSignal): Promise<readonly TargetEntry[]> {
    return this.#targets.search(parent, text, signal);
  }

  /**
   * Makes these targets the active ones and evaluates what is new; where nothing is new, all of them again.
   *
   * @param keys undefined: keep the targets
   * @param evaluateAs `null`: this machine's system; empty: as the settings say; undefined: keep
   * @throws NoSuchTargetError when one of the targets does not exist
   */
  async selectTargets(
    keys: readonly string[] | undefined,
    evaluateAs: readonly (System | null)[] | undefined,
  ): Promise<void> {
    const { evaluations } = this.snapshot;
    await this.#targets.choose(keys, evaluateAs);
    await this.#chosen(evaluations);
  }

  /**
   * Makes the target whose attribute is at a position active and evaluates it.
   *
   * @param wanted ends the search for it
   * @throws NoSuchTargetError when nothing there can be evaluated
   */
  async evaluateAt(place: EvaluateAtParams, wanted?: AbortSignal): Promise<void> {
    const { evaluations } = this.snapshot;
    await this.#targets.chooseAt(place, wanted);
    await this.#chosen(evaluations);
  }

  /**
   * Downloads what was told to be missing, and evaluates.
   *
   * @param flake only its inputs; undefined: whatever is missing
   * @throws FetchError when that fails, or nothing of the kind is missing
   */
  async fetchMissing(flake: string | undefined, wanted: AbortSignal): Promise<void> {
    const missing = fetchActions(this.snapshot, flake);
    if (missing.length === 0)
      throw new FetchError(
        'No inputs of a flake are missing, nor anything else that an evaluation has told of.',
      );
    await this.#runs.fetchMissing(missing, wanted);
  }

  async #chosen(before: readonly Evaluation[]): Promise<void> {
    const wasActive = new Set(before.map(({ key }) => key));
    const isNew = this.snapshot.evaluations.some((one) => !wasActive.has(one.key) || !hasOutcome(one));
    if (isNew && this.snapshot.trusted && !this.#nix.isUnavailable()) this.#runs.startMissing('asked');
    else this.evaluate();
    try {
      await this.#parts.storage?.writeChoice(this.#targets.choice);
    } catch (error) {
      this.#parts.logError('The choice of targets could not be remembered.', error);
    }
  }

  /** Evaluates all active targets, unless the workspace is untrusted. */
  evaluate(): void {
    this.#evaluateSoon.cancel();
    if (!this.snapshot.trusted) return;
    // It may have been installed meanwhile.
    if (this.#nix.isUnavailable()) this.#connectNix();
    this.#runs.start();
  }

  /** Cancels the runs that are under way, and those that are about to start. */
  cancel(): void {
    this.#evaluateSoon.cancel();
    this.#runs.cancel();
  }

  /** Cancels this run, and no newer one. */
  cancelRun(run: Run): void {
    this.#runs.cancel(run);
  }

  async #readTargetFiles(): Promise<void> {
    const { readTargetFile } = this.#parts;
    if (!readTargetFile) return;
    const { workspaceRoots } = this.snapshot;
    const read = workspaceRoots.map((root) =>
      readTargetFile(root).catch((error: unknown) => {
        this.#parts.logError(`${targetFileName} could not be read.`, error);
        return undefined;
      }),
    );
    const targetFiles = (await Promise.all(read)).flatMap((file) => file ?? []);
    // Those of newer folders are being read then.
    if (workspaceRoots !== this.snapshot.workspaceRoots) return;
    this.#store.update({ targetFiles }, 'targets', 'syntax');
    this.#applyLevels();
  }

  /** The rules are wanted otherwise: that needs no new evaluation. */
  #applyLevels(): void {
    this.#runs.proveAgain(applyLevels(this.#store));
  }

  #connectNix(): void {
    this.#nix = this.#parts.connectNix(this.snapshot.settings['nix.directory'] || undefined);
    this.#targets.invalidate();
    this.#store.update({ buildConfiguration: undefined });
  }

  /** Evaluates open files that no chosen target reaches, once these have come out. */
  #accompany(): void {
    if (!this.snapshot.trusted || this.snapshot.preparing) return;
    this.#targets.activate();
    if (!this.snapshot.settings['evaluation.onOpen'] || !this.#isKnown()) return;
    this.#runs.startMissing('unasked');
    const unreached = unreachedFiles(this.snapshot);
    if (unreached.length > 0) void this.#findIn(unreached);
  }

  async #findIn(files: readonly string[]): Promise<void> {
    try {
      await this.#targets.findIn(files);
      this.#runs.startMissing('unasked');
    } catch (error) {
      this.#parts.logError('The open files could not be evaluated.', error);
    }
  }

  #isKnown(): boolean {
    const { evaluations, preparing } = this.snapshot;
    return (
      preparing !== undefined ||
      evaluations.some((evaluation) => evaluation.running ?? hasOutcome(evaluation))
    );
  }

  #evaluateIfNothingIsKnown(): void {
    const { trusted, settings, documents } = this.snapshot;
    const mayRun = trusted && this.#configured && settings['evaluation.onOpen'] && documents.size > 0;
    if (mayRun && !this.#isKnown() && !isCancelled(this.snapshot)) this.#evaluateSoon.soon(delays.open);
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
    const text = await readTextIfPossible(file);
    const { documents, evaluations } = this.snapshot;
    const document = documents.get(file);
    if (document) return text !== document.savedText;
    if (text === undefined || evaluations.length === 0) return true;
    return evaluations.some(
      ({ running, evaluated }) => running !== undefined || evaluated?.report.sources.get(file) !== text,
    );
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
    const { evaluations, targetRanges } = this.snapshot;
    return {
      targetRanges: move(targetRanges),
      evaluations: evaluations.map((evaluation) => {
        const { evaluated, failure } = evaluation;
        return {
          ...evaluation,
          evaluated: evaluated && { ...evaluated, ranges: move(evaluated.ranges) },
          failure: failure && { ...failure, ranges: move(failure.ranges) },
        };
      }),
    };
  }

  /** Looks for documents that are beyond a limit, and in an untrusted workspace for what is no Nix. */
  async #lookThrough(): Promise<void> {
    const syntaxProblems = new Map<string, readonly SyntaxProblem[]>();
    const textLimits = new Map<string, string>();
    try {
      for (const file of this.snapshot.documents.keys()) {
        const newest = (): OpenDocument | undefined => this.snapshot.documents.get(file);
        const limit = await this.#trees.limit(file, newest);
        if (limit) textLimits.set(file, limit.message);
        const problems = this.snapshot.trusted ? [] : await this.#trees.problems(file, newest);
        if (problems && problems.length > 0) syntaxProblems.set(file, problems);
      }
    } catch (error) {
      this.#parts.logError('The Nix grammar could not be used.', error);
      return;
    }
    const { trusted, documents } = this.snapshot;
    const isAsBefore = [syntaxProblems, textLimits, this.snapshot.syntaxProblems, this.snapshot.textLimits];
    if (isAsBefore.every(({ size }) => size === 0)) return;
    const isOpen = ([file]: readonly [string, unknown]): boolean => documents.has(file);
    this.#store.update(
      {
        syntaxProblems: new Map(trusted ? [] : [...syntaxProblems].filter(isOpen)),
        textLimits: new Map([...textLimits].filter(isOpen)),
      },
      'syntax',
    );
  }
}

/** The settings on which an evaluation's outcome depends, to be compared. */
function concernsRuns(settings: Settings): string {
  const shown = /^(inlayHints|codeLens|cache)\.|^evaluation\.on|^rules$/;
  return JSON.stringify(Object.entries(settings).filter(([key]) => !shown.test(key)));
}

/** What target files say of what is evaluated, to be compared. */
function concernsTargets({ targetFiles }: Snapshot): string {
  return JSON.stringify(
    targetFiles.map(({ file, targets, problems }) => [
      file,
      targets.map(({ setting, evaluateAs }) => [setting, evaluateAs]),
      problems.length,
    ]),
  );
}
