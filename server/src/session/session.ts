import type { TextDocumentContentChangeEvent } from 'vscode-languageserver-textdocument';

import type { Position } from '../model/location.ts';
import type { System } from '../model/system.ts';
import type { EvaluateAtParams } from '../protocol.ts';
import { changeDocument, fileOfUri, openDocument, type OpenDocument } from '../snapshot/documents.ts';
import { fetchActions } from '../snapshot/possibleActions.ts';
import type { Settings } from '../snapshot/settings.ts';
import type { Snapshot, TargetEntry } from '../snapshot/snapshot.ts';
import type { PointedSource } from '../syntax/documentTree.ts';
import { Allowing } from './allowing.ts';
import { Asking } from './asking.ts';
import { Choosing } from './choosing.ts';
import { Companions } from './companions.ts';
import { Debounce } from './debounce.ts';
import { DiskTexts } from './diskTexts.ts';
import type { Run, RunEnd } from './evaluationRun.ts';
import { FetchError } from './fetching.ts';
import { KeptReports } from './keptReports.ts';
import { OpenDocuments } from './openDocuments.ts';
import type { NixConnection, SessionParts } from './parts.ts';
import { performer } from './perform.ts';
import { Schedule } from './schedule.ts';
import { emptyState, type Aspect } from './state.ts';
import { StateStore } from './stateStore.ts';
import { SystemComparisons } from './systemComparisons.ts';
import { TargetChoice } from './targetChoice.ts';
import { TargetGroups } from './targetGroups.ts';
import { TargetSearch } from './targetSearch.ts';
import { Verifying } from './verifying.ts';
import { WatchedFiles, type FileChange } from './watchedFiles.ts';

export interface SessionOptions {
  readonly trusted: boolean;
  readonly clientCommands: boolean;
  readonly workspaceRoots: readonly string[];
}

/**
 * The sole owner of mutable state in the server, put together: documents,
 * settings, trust, the active targets, the runs that are under way and the
 * newest reports. What happens is sent to the store as events; what they ask
 * for is done by the other files of this folder. Hands out immutable snapshots.
 *
 * Runs evaluate what is on disk: unsaved text is never evaluated, the report is
 * then stale. Nothing is evaluated before {@link Session.configure} was called
 * once, nor in an untrusted workspace.
 */
export class Session {
  readonly #parts: SessionParts;
  readonly #store: StateStore;
  readonly #search: TargetSearch;
  readonly #groups: TargetGroups;
  readonly #choosing: Choosing;
  readonly #schedule: Schedule;
  readonly #disk: DiskTexts;
  readonly #documents: OpenDocuments;
  readonly #watched: WatchedFiles;
  readonly #kept: KeptReports;
  readonly #companions: Companions;
  /** Questions about what the runs did not observe. */
  readonly asking: Asking;
  /** What targets may name outside the workspace. */
  readonly allowing: Allowing;
  /** Looks at what is in the store. */
  readonly verifying: Verifying;
  readonly #evaluateSoon = new Debounce(() => this.evaluate());
  #nix: NixConnection;

  constructor(parts: SessionParts, options: SessionOptions) {
    this.#parts = parts;
    this.#nix = parts.connectNix(undefined);
    const nix = (): NixConnection => this.#nix;
    const store = new StateStore(emptyState(options), (action) => perform(action));
    this.#store = store;
    this.#disk = new DiskTexts((read) => store.send('disk-read', read));
    this.#documents = new OpenDocuments(store, this.#disk, parts);
    this.#kept = new KeptReports(store, this.#disk, parts);
    this.#search = new TargetSearch(store, nix, parts.logError);
    this.#groups = new TargetGroups(store, nix, this.#search);
    const choice = new TargetChoice(store, this.#search, this.#groups);
    this.#schedule = new Schedule(store, this.#search, choice, this.#disk, nix, parts);
    this.#watched = new WatchedFiles(store, this.#disk, this.#search, parts, () => this.#evaluateSoon);
    this.asking = new Asking(store, nix);
    this.allowing = new Allowing(store, parts, () => this.evaluate());
    this.verifying = new Verifying(store, nix);
    this.#choosing = new Choosing(store, choice, this.#search, parts, {
      startMissing: () => this.#startMissing(),
      evaluate: () => this.evaluate(),
    });
    this.#companions = new Companions(store, choice, this.#search, this.#schedule, parts.logError);
    const perform = performer({
      store,
      connectNix: () => this.#connectNix(),
      evaluateSoon: this.#evaluateSoon,
      documents: this.#documents,
      disk: this.#disk,
      search: this.#search,
      groups: this.#groups,
      choice,
      choosing: this.#choosing,
      schedule: this.#schedule,
      companions: this.#companions,
      kept: this.#kept,
      comparisons: new SystemComparisons(store, nix, parts.logError),
      asking: this.asking,
      logError: parts.logError,
    });
  }

  get snapshot(): Snapshot {
    return this.#store.snapshot;
  }

  /** Tells of finished snapshots; a listener changes nothing in the session. */
  onChange(listener: (aspects: ReadonlySet<Aspect>) => void): void {
    this.#store.onChange(listener);
  }

  /** Settles once the snapshot is so, or nobody waits any more; at once where it is so already. */
  until(isSo: (snapshot: Snapshot) => boolean, signal: AbortSignal): Promise<void> {
    return this.#store.until(isSo, signal);
  }

  /** Tells of each run as it starts. */
  onRun(listener: (run: Run) => void): void {
    this.#schedule.runs.onStart(listener);
  }

  /** Tells of each evaluation as it ends. */
  onRunEnd(listener: (end: RunEnd) => void): void {
    this.#schedule.runs.onEnd(listener);
  }

  /** Ends what is under way; settles when its processes have ended and its files are gone. */
  async dispose(): Promise<void> {
    this.#evaluateSoon.cancel();
    this.#companions.dispose();
    this.#store.dispose();
    this.#documents.dispose();
    await Promise.all([
      this.#schedule.runs.dispose(),
      this.#search.dispose(),
      this.#groups.dispose(),
      this.asking.dispose(),
      this.verifying.dispose(),
      this.#kept.dispose(),
      this.#disk.dispose(),
    ]);
  }

  /** Takes up what was chosen in a former session; to be called before the first settings. */
  async restore(): Promise<void> {
    await this.#watched.readTargetFiles();
    await this.#choosing.restore();
    await this.allowing.restore();
  }

  open(uri: string, version: number, text: string): void {
    const file = fileOfUri(uri);
    if (file === undefined) return;
    this.#store.send('document-opened', { document: openDocument(uri, file, version, text) });
  }

  change(uri: string, version: number, changes: readonly TextDocumentContentChangeEvent[]): void {
    const before = this.#document(uri);
    if (before) this.#store.send('document-changed', changeDocument(before, version, changes));
  }

  save(uri: string): void {
    const document = this.#document(uri);
    if (document) this.#store.send('document-saved', { file: document.file });
  }

  close(uri: string): void {
    const document = this.#document(uri);
    if (document) this.#store.send('document-closed', { file: document.file });
  }

  /** What a position of an open document touches; undefined where it is not open, or beyond a limit. */
  async parseAround(uri: string, position: Position): Promise<PointedSource | undefined> {
    const document = this.#document(uri);
    return document && this.#documents.around(document.file, position);
  }

  /** Files that changed on disk, by whatever program. */
  filesChanged(changes: readonly FileChange[]): Promise<void> {
    return this.#watched.changed(changes);
  }

  configure(settings: Settings): void {
    this.#store.send('configured', { settings });
  }

  /** The user trusts the workspace now. */
  trust(): void {
    this.#store.send('trusted', {});
  }

  /** Folders were added or removed, with the targets that they share. */
  async setWorkspaceRoots(workspaceRoots: readonly string[]): Promise<void> {
    this.#store.send('folders-changed', { workspaceRoots });
    await this.#watched.readTargetFiles();
    this.#store.send('folders-read', {});
  }

  /**
   * Looks for evaluation targets where that was not done since the files changed last.
   *
   * @param wanted ends the search, or the wait for one that somebody else began
   * @param onPart called whenever the snapshot has more of what was found
   */
  findTargets(wanted?: AbortSignal, onPart?: () => void): Promise<void> {
    return this.#search.find(wanted, onPart);
  }

  /**
   * Looks for targets in a group, which are too many to be listed unasked.
   *
   * @param parent the group's key
   * @throws NoSuchTargetError when there is no such group, or it cannot be listed
   */
  searchTargets(parent: string, text: string, signal: AbortSignal): Promise<readonly TargetEntry[]> {
    return this.#groups.search(parent, text, signal);
  }

  /**
   * Makes these targets the active ones and evaluates what is new; where nothing is new, all of them again.
   *
   * @param keys undefined: keep the targets
   * @param evaluateAs `null`: this machine's system; empty: as the settings say; undefined: keep
   * @throws NoSuchTargetError when one of the targets does not exist
   */
  selectTargets(
    keys: readonly string[] | undefined,
    evaluateAs: readonly (System | null)[] | undefined,
  ): Promise<void> {
    return this.#choosing.select(keys, evaluateAs);
  }

  /**
   * Evaluates the target whose attribute is at a position, which becomes active.
   *
   * @param wanted ends the search for it
   * @throws NoSuchTargetError when nothing there can be evaluated
   */
  evaluateAt(place: EvaluateAtParams, wanted?: AbortSignal): Promise<void> {
    return this.#choosing.selectAt(place, wanted);
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
    await this.#schedule.fetching.fetch(missing, wanted);
  }

  /** Evaluates all active targets, unless the workspace is untrusted. */
  evaluate(): void {
    this.#evaluateSoon.cancel();
    if (!this.snapshot.trusted) return;
    // It may have been installed meanwhile.
    if (this.#nix.isUnavailable()) this.#connectNix();
    this.#schedule.start();
  }

  /** Cancels the runs that are under way, and those that are about to start. */
  cancel(): void {
    this.#evaluateSoon.cancel();
    this.#schedule.runs.cancel();
  }

  /** Cancels this run, and no newer one. */
  cancelRun(run: Run): void {
    this.#schedule.runs.cancel(run);
  }

  /** @returns false where that cannot be, and all is to be evaluated */
  #startMissing(): boolean {
    if (!this.snapshot.trusted || this.#nix.isUnavailable()) return false;
    this.#schedule.startMissing('asked');
    return true;
  }

  #connectNix(): void {
    this.#nix = this.#parts.connectNix(this.snapshot.settings['nix.directory'] || undefined);
    this.#store.send('nix-connected', {});
  }

  #document(uri: string): OpenDocument | undefined {
    const file = fileOfUri(uri);
    return file === undefined ? undefined : this.snapshot.documents.get(file);
  }
}
