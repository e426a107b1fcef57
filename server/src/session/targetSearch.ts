import type { EvaluationErrorAction } from '../model/evaluationError.ts';
import { settledOrAborted } from '../model/settledOrAborted.ts';
import type { FoundGroup, FoundTarget, SearchPart } from '../targets/search/found.ts';
import type { NixConnection, SessionParts } from './parts.ts';
import type { StateStore } from './stateStore.ts';
import { TargetList } from './targetList.ts';
import { limitsOfSettings, workspaceFolders } from './workspace.ts';

const searchTimeoutMs = 60_000;

type Network = 'none' | 'allowed';

/** Looks for the targets that can be evaluated. */
export class TargetSearch {
  /** What is listed, by this search and by name. */
  readonly list: TargetList;
  readonly #store: StateStore;
  readonly #nix: () => NixConnection;
  readonly #logError: SessionParts['logError'];
  /** The files changed since the last search. */
  #outdated = true;
  /** Open files that were part of the last search. */
  #searched: ReadonlySet<string> = new Set();
  /** The search that is under way; it never rejects. */
  #search: Promise<void> | undefined;
  /** Told whenever the search that is under way has found more. */
  readonly #onPart = new Set<() => void>();
  readonly #disposed = new AbortController();

  constructor(store: StateStore, nix: () => NixConnection, logError: SessionParts['logError']) {
    this.#store = store;
    this.list = new TargetList(store, nix);
    this.#nix = nix;
    this.#logError = logError;
  }

  /** Files changed: there may be other targets now. */
  invalidate(): void {
    this.#outdated = true;
  }

  /**
   * Looks for targets where the files changed since that was done last.
   *
   * @param wanted ends the search, or the wait for another one
   * @param onPart called whenever the snapshot has more of what was found
   * @param network `allowed`: somebody asked that what is missing be fetched
   */
  async find(wanted?: AbortSignal, onPart?: () => void, network: Network = 'none'): Promise<void> {
    const unwanted = AbortSignal.any([this.#disposed.signal, ...(wanted ? [wanted] : [])]);
    // What is downloaded takes as long as it takes: the person waits for it, and can cancel it.
    const signal =
      network === 'allowed' ? unwanted : AbortSignal.any([AbortSignal.timeout(searchTimeoutMs), unwanted]);
    if (onPart) this.#onPart.add(onPart);
    try {
      while (this.#search && !signal.aborted) await settledOrAborted(this.#search, signal);
      const isNeeded = this.#outdated || network === 'allowed';
      if (signal.aborted || !isNeeded || !this.#store.snapshot.trusted) return;
      this.#search = this.#searchNow(signal, unwanted, network);
      await this.#search;
    } finally {
      if (onPart) this.#onPart.delete(onPart);
    }
  }

  /** Looks for the targets in these files, where the last search did not; settles when they are known. */
  async findIn(files: readonly string[]): Promise<void> {
    if (files.every((file) => this.#searched.has(file))) {
      // It may be the one that is under way.
      await this.#search;
      return;
    }
    this.#outdated = true;
    await this.find();
  }

  /** Ends the search that is under way; settles when its processes have ended. */
  async dispose(): Promise<void> {
    this.#disposed.abort();
    await this.#search;
  }

  /** @param unwanted fires with `signal` unless the search took too long */
  async #searchNow(signal: AbortSignal, unwanted: AbortSignal, network: Network): Promise<void> {
    this.#outdated = false;
    const parts = new Map<string, SearchPart>();
    const texts = new Map<string, string>();
    const tellParts = (searched: readonly SearchPart[]): void =>
      this.#store.send('targets-searched', { searched, texts });
    tellParts([]);
    const problems: { problem: string; action: EvaluationErrorAction | undefined }[] = [];
    const targetGroups: FoundGroup[] = [];
    try {
      await this.list.placeNamed();
      const { snapshot } = this.#store;
      const openFiles = [...snapshot.documents.keys()];
      this.#searched = new Set(openFiles);
      const found = await this.#nix().findTargets({
        workspaceRoots: workspaceFolders(snapshot),
        openFiles,
        limits: { ...limitsOfSettings(snapshot), network },
        signal,
        onText: (file, text) => texts.set(file, text),
        onProblem: (problem, action) => problems.push({ problem, action }),
        onGroup: (group) => targetGroups.push(group),
        onPart: (part) => {
          parts.set(part.name, part);
          tellParts([...parts.values()]);
          for (const tell of this.#onPart) tell();
        },
      });
      // The first is of the file that is evaluated rather than the others.
      const [first] = problems;
      const ended = { searchProblem: first?.problem, searchAction: first?.action, targetGroups };
      this.#take(found, texts, ended);
    } catch (error) {
      this.#outdated = true;
      if (!signal.aborted) this.#logError('The evaluation targets could not be found.', error);
      else if (!unwanted.aborted) this.#takeWhatWasFound([...parts.values()], texts);
      else tellParts([...parts.values()].filter(({ isDone }) => isDone));
    } finally {
      this.#search = undefined;
    }
  }

  /** The search took too long: what it has found is better than nothing. */
  #takeWhatWasFound(parts: readonly SearchPart[], texts: ReadonlyMap<string, string>): void {
    const seconds = searchTimeoutMs / 1000;
    const searched = parts.map((part) =>
      part.isDone
        ? part
        : { ...part, isDone: true, problem: `${part.name} could not be evaluated within ${seconds} s.` },
    );
    this.#store.send('targets-searched', { searched, texts });
    const [searchProblem] = searched.flatMap(({ problem }) => problem ?? []);
    const targetGroups = searched.flatMap(({ groups }) => groups);
    const found = searched.flatMap(({ targets }) => targets);
    // What could be done about an older search is not of this one.
    this.#take(found, texts, { searchProblem, searchAction: undefined, targetGroups });
  }

  #take(
    found: readonly FoundTarget[],
    texts: ReadonlyMap<string, string>,
    ended: {
      readonly searchProblem: string | undefined;
      readonly searchAction: EvaluationErrorAction | undefined;
      readonly targetGroups: readonly FoundGroup[];
    },
  ): void {
    this.#store.together(() => {
      this.#store.send('search-ended', ended);
      this.list.take(found, texts);
    });
  }
}
