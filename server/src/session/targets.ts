import { addAbortListener } from 'node:events';
import { access } from 'node:fs/promises';
import { isAbsolute } from 'node:path';

import type { FoundGroup, FoundTarget, SearchPart } from '../targets/search/found.ts';
import type { EvaluationErrorAction } from '../model/evaluationError.ts';
import type { Position, SourceRange } from '../model/location.ts';
import type { System } from '../model/system.ts';
import { describeFailure } from '../nix/errors.ts';
import type { EvaluateAtParams } from '../protocol.ts';
import { fileOfUri } from '../snapshot/documents.ts';
import type { NixConnection, SessionParts } from './parts.ts';
import type { ChosenTarget, Choice } from '../storage/choice.ts';
import { entriesOf, evaluationsOf, findCompanions, keptTarget } from '../snapshot/activeEvaluations.ts';
import { groupKey, LazyGroups } from './lazyGroups.ts';
import { RangeTracker } from '../snapshot/rangeTracker.ts';
import { chosenEvaluations, type Evaluation, type TargetEntry } from '../snapshot/snapshot.ts';
import type { Store } from './store.ts';
import { targetAt } from '../snapshot/targetAt.ts';
import { chooseTarget, knownTargets, listTargets, namedTargets, targetKey } from './targetCatalogue.ts';
import { targetOfSetting } from '../targets/targetSetting.ts';
import { limitsOfSettings, workspaceFolders, savedTexts } from './workspace.ts';

const searchTimeoutMs = 60_000;

/** There is nothing to evaluate where somebody asked for it; the message says what to do. */
export class NoSuchTargetError extends Error {
  override readonly name = 'NoSuchTargetError';
}

/** Finds the evaluation targets and keeps the active ones. */
export class Targets {
  readonly #store: Store;
  readonly #nix: () => NixConnection;
  readonly #logError: SessionParts['logError'];
  #found: Awaited<ReturnType<NixConnection['findTargets']>> = [];
  /** Where the settings' targets stand, by key. */
  #places: ReadonlyMap<string, SourceRange> = new Map();
  /** The files changed since the last search. */
  #outdated = true;
  /** Open files that were part of the last search. */
  #searched: ReadonlySet<string> = new Set();
  /** The search that is under way; it never rejects. */
  #search: Promise<void> | undefined;
  /** Told whenever the search that is under way has found more. */
  readonly #onPart = new Set<() => void>();
  /** What the user chose. */
  #choice: Choice = {};
  /** What the last search in a group offered that found something, by key. */
  #offered: ReadonlyMap<string, TargetEntry> = new Map();
  readonly #groups: LazyGroups;
  /** What was active in the former session. */
  #former: readonly ChosenTarget[] = [];
  readonly #disposed = new AbortController();

  constructor(store: Store, nix: () => NixConnection, logError: SessionParts['logError']) {
    this.#store = store;
    this.#nix = nix;
    this.#logError = logError;
    this.#groups = new LazyGroups((group, signal) =>
      this.#nix().listGroup(group, { limits: limitsOfSettings(this.#store.snapshot), signal }),
    );
  }

  /** Files changed: there may be other targets now. */
  invalidate(): void {
    this.#outdated = true;
    this.#groups.clear();
    this.#offered = new Map();
  }

  /**
   * Looks for targets in a group.
   *
   * @throws NoSuchTargetError when there is no such group, or it cannot be listed
   */
  async search(parent: string, text: string, signal: AbortSignal): Promise<readonly TargetEntry[]> {
    await this.find(signal);
    const group = this.#store.snapshot.targetGroups.find((one) => groupKey(one) === parent);
    if (!group)
      throw new NoSuchTargetError('This group of packages does not exist (any more). Choose another target.');
    try {
      const found = await this.#groups.search(group, text, signal);
      const entries = found.map((target) => ({ ...target, key: targetKey(target.target) }));
      if (entries.length > 0) this.#offered = new Map(entries.map((entry) => [entry.key, entry]));
      return entries;
    } catch (error) {
      if (signal.aborted) return [];
      const [{ message, advice = '' } = { message: String(error) }] = describeFailure(error, () => true);
      throw new NoSuchTargetError(`${group.label} cannot be listed: ${message} ${advice}`.trim());
    }
  }

  /**
   * Looks for targets where the files changed since that was done last.
   *
   * @param wanted ends the search, or the wait for another one
   * @param onPart called whenever the snapshot has more of what was found
   * @param network `allowed`: somebody asked that what is missing be fetched
   */
  async find(wanted?: AbortSignal, onPart?: () => void, network: 'none' | 'allowed' = 'none'): Promise<void> {
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

  /** Looks for the targets in these files, where the last search did not. */
  async findIn(files: readonly string[]): Promise<void> {
    if (files.every((file) => this.#searched.has(file))) return;
    this.#outdated = true;
    await this.find();
  }

  /** Ends the search that is under way; settles when its processes have ended. */
  async dispose(): Promise<void> {
    this.#disposed.abort();
    await Promise.all([this.#search, this.#groups.dispose()]);
  }

  /** @param unwanted fires with `signal` unless the search took too long */
  async #searchNow(signal: AbortSignal, unwanted: AbortSignal, network: 'none' | 'allowed'): Promise<void> {
    this.#outdated = false;
    const parts = new Map<string, SearchPart>();
    this.#store.update({ searched: [] });
    const problems: { problem: string; action: EvaluationErrorAction | undefined }[] = [];
    const targetGroups: FoundGroup[] = [];
    try {
      await this.placeNamed();
      const { snapshot } = this.#store;
      const openFiles = [...snapshot.documents.keys()];
      this.#searched = new Set(openFiles);
      this.#found = await this.#nix().findTargets({
        workspaceRoots: workspaceFolders(snapshot),
        openFiles,
        limits: { ...limitsOfSettings(snapshot), network },
        signal,
        onProblem: (problem, action) => problems.push({ problem, action }),
        onGroup: (group) => targetGroups.push(group),
        onPart: (part) => {
          parts.set(part.name, part);
          this.#store.update({ searched: [...parts.values()] });
          for (const tell of this.#onPart) tell();
        },
      });
      // The first is of the file that is evaluated rather than the others.
      const [first] = problems;
      this.#store.update({ searchProblem: first?.problem, searchAction: first?.action, targetGroups });
      this.relist();
    } catch (error) {
      this.#outdated = true;
      if (!signal.aborted) this.#logError('The evaluation targets could not be found.', error);
      else if (!unwanted.aborted) this.#takeWhatWasFound([...parts.values()]);
      else this.#store.update({ searched: [...parts.values()].filter(({ isDone }) => isDone) });
    } finally {
      this.#search = undefined;
    }
  }

  /** The search took too long: what it has found is better than nothing. */
  #takeWhatWasFound(parts: readonly SearchPart[]): void {
    const seconds = searchTimeoutMs / 1000;
    const searched = parts.map((part) =>
      part.isDone
        ? part
        : { ...part, isDone: true, problem: `${part.name} could not be evaluated within ${seconds} s.` },
    );
    this.#found = searched.flatMap(({ targets }) => targets);
    const [searchProblem] = searched.flatMap(({ problem }) => problem ?? []);
    const targetGroups = searched.flatMap(({ groups }) => groups);
    // What could be done about an older search is not of this one.
    this.#store.update({ searched, searchProblem, searchAction: undefined, targetGroups });
    this.relist();
  }

  /** Finds the settings' targets in their files: without Nix, and therefore at once. */
  async placeNamed(): Promise<void> {
    const { snapshot } = this.#store;
    const named = namedTargets(snapshot).map(({ setting, directory }) => targetOfSetting(setting, directory));
    if (named.length === 0) return;
    const places = await Promise.all(
      named.map(async (target) => [targetKey(target), await this.#nix().placeOf(target)] as const),
    );
    this.#places = new Map(places.flatMap(([key, place]) => (place ? [[key, place]] : [])));
    this.relist();
  }

  /** What the user chose, to be remembered. */
  get choice(): Choice {
    return this.#choice;
  }

  /** Takes up what was chosen in a former session, unless something was chosen meanwhile. */
  restore(choice: Choice): void {
    this.#choice = { ...choice, ...this.#choice };
    this.relist();
  }

  /** Makes what was active in a former session active again, where nobody chose or named anything. */
  resume(former: readonly ChosenTarget[]): void {
    this.#former = former;
    this.activate();
  }

  /**
   * Lists what is known by now, and makes sure that targets are active where
   * there are any: those that the user chose; else the settings' first; else
   * those that are active, although their file may be broken just now.
   */
  relist(): void {
    const { snapshot } = this.#store;
    const { documents, targets: before } = snapshot;
    const targets = listTargets(namedTargets(snapshot), this.#found, this.#places);
    const isSame = JSON.stringify(before ?? []) === JSON.stringify(targets);
    const targetRanges = RangeTracker.from(savedTexts(snapshot), documents.values());
    this.#store.update({ targets, targetRanges }, ...(isSame ? [] : (['targets'] as const)));
    this.activate();
  }

  /** Makes the evaluations those of the chosen targets, and of the open files that these do not reach. */
  activate(): void {
    const { snapshot } = this.#store;
    const { settings, targets = [], documents } = snapshot;
    const listed = (key: string): TargetEntry | undefined => targets.find((entry) => entry.key === key);
    const named = namedTargets(snapshot);
    const byDefault = chooseTarget(targets, named, [...documents.keys()]);
    const active = entriesOf(chosenEvaluations(snapshot));
    const kept = named.length === 0 && active.length > 0 ? active : byDefault ? [byDefault] : this.#former;
    const chosen = (this.#choice.targets ?? kept).map((entry): TargetEntry => {
      const known: TargetEntry = listed(entry.key) ?? entry;
      const { evaluateAs: ownSystems, ...rest } = known;
      // The user's choice of systems holds for all of them.
      return { ...rest, ...(ownSystems && !this.#choice.evaluateAs && { evaluateAs: ownSystems }) };
    });
    const evaluateAs = this.#choice.evaluateAs?.map((system) => system ?? undefined) ?? settings.evaluateAs;
    const systems = evaluateAs.length > 0 ? evaluateAs : [undefined];
    const isAsBefore = (evaluations: readonly Evaluation[]): boolean =>
      JSON.stringify(evaluations.map(({ key }) => key)) ===
      JSON.stringify(snapshot.evaluations.map(({ key }) => key));
    const own = evaluationsOf(chosen, [], systems, snapshot);
    const companions = findCompanions({
      ...snapshot,
      evaluations: [...own, ...companionsOf(snapshot.evaluations)],
    });
    const evaluations = evaluationsOf(chosen, companions, systems, snapshot);
    const aspects = isAsBefore(evaluations) ? [] : (['targets', 'evaluation'] as const);
    const reportsId = snapshot.reportsId + Number(reportsOf(evaluations) !== reportsOf(snapshot.evaluations));
    this.#store.update({ evaluations, evaluateAs: systems, reportsId }, ...aspects);
  }

  /**
   * Where the file of a target that nobody chose is gone, looks for another
   * target.
   *
   * @returns true where another one is active now
   */
  async replaceGone({ entry }: Evaluation, signal: AbortSignal): Promise<boolean> {
    const isByChoice = this.#choice.targets !== undefined || namedTargets(this.#store.snapshot).length > 0;
    const isWanted = (): boolean => !signal.aborted;
    if (isByChoice || !(await isGone(entry)) || !isWanted()) return false;
    this.#outdated = true;
    this.#former = [];
    await this.find(signal);
    if (!isWanted() || this.#store.snapshot.targets?.some(({ key }) => key === entry.key)) return false;
    const others = this.#store.snapshot.evaluations.filter(
      (evaluation) => evaluation.entry.key !== entry.key,
    );
    const reportsId = this.#store.snapshot.reportsId + 1;
    this.#store.update({ evaluations: others, reportsId }, 'targets', 'evaluation', 'run');
    this.activate();
    return this.#store.snapshot.evaluations.length > 0;
  }

  /**
   * Makes the targets of these keys the active ones, or the systems those that they are evaluated as.
   *
   * @param keys undefined: keep the targets
   * @param evaluateAs `null`: this machine's system; empty: as the settings say; undefined: keep
   * @throws NoSuchTargetError when one of the targets does not exist
   */
  async choose(
    keys: readonly string[] | undefined,
    evaluateAs: readonly (System | null)[] | undefined,
  ): Promise<void> {
    if (keys) {
      const isKnown = (key: string): boolean => this.#entry(key) !== undefined;
      if (!keys.every(isKnown)) await this.find();
      const entries = keys.map((key) => this.#entry(key));
      const known = entries.flatMap((entry) => entry ?? []);
      if (known.length < keys.length || known.length === 0)
        throw new NoSuchTargetError('This evaluation target does not exist (any more). Choose another one.');
      this.#choice = { ...this.#choice, targets: known.map(keptTarget) };
    }
    if (evaluateAs) {
      const { targets } = this.#choice;
      this.#choice = { ...(targets && { targets }), ...(evaluateAs.length > 0 && { evaluateAs }) };
    }
    this.activate();
  }

  #entry(key: string): TargetEntry | undefined {
    const { evaluations } = this.#store.snapshot;
    const isIt = (entry: TargetEntry): boolean => entry.key === key;
    return (
      knownTargets(this.#store.snapshot).find(isIt) ??
      this.#offered.get(key) ??
      entriesOf(evaluations).find(isIt)
    );
  }

  /**
   * Makes the target whose attribute is at a position active: instead of the
   * active one, or besides them where the user chose several.
   *
   * @param signal ends the search for it
   * @returns its key
   * @throws NoSuchTargetError when nothing there can be evaluated
   */
  async chooseAt({ uri, position, key }: EvaluateAtParams, signal?: AbortSignal): Promise<string> {
    const wanted = key ?? (await this.#keyAt(uri, position, signal));
    const chosen = this.#choice.targets?.map((target) => target.key) ?? [];
    const isOneOfSeveral = chosen.length > 1 || chosen.includes(wanted);
    await this.choose(isOneOfSeveral ? [...new Set([...chosen, wanted])] : [wanted], undefined);
    return wanted;
  }

  async #keyAt(uri: string, position: Position, signal: AbortSignal | undefined): Promise<string> {
    const file = fileOfUri(uri);
    const entryNow = (): TargetEntry | undefined => {
      const { snapshot } = this.#store;
      return file === undefined
        ? undefined
        : targetAt({ ...snapshot, targets: knownTargets(snapshot) }, file, position);
    };
    // As soon as the file itself has been looked into; the search goes on for the others.
    await new Promise<void>((resolve, reject) => {
      const tell = (): void => {
        if (this.#store.snapshot.searched.some(({ targets }) => targets.some(isIn(file)))) resolve();
      };
      this.find(signal, tell).then(resolve, reject);
    });
    const entry = entryNow();
    if (!entry) {
      if (signal?.aborted) throw new NoSuchTargetError('The search for the target was cancelled.');
      throw new NoSuchTargetError(
        'No evaluation target was found at this place. Name one in the setting nixPlatformLens.targets, ' +
          'with its file and its attribute path.',
      );
    }
    return entry.key;
  }
}

function isIn(file: string | undefined): (found: FoundTarget) => boolean {
  return ({ source, target }) => source?.file === file || (target.kind === 'file' && target.file === file);
}

function reportsOf(evaluations: readonly Evaluation[]): string {
  return evaluations.flatMap(({ evaluated }) => evaluated?.id ?? []).join();
}

function companionsOf(evaluations: readonly Evaluation[]): Evaluation[] {
  return evaluations.filter(({ isCompanion }) => isCompanion);
}

/** Waits for work that never rejects, but not longer than it is wanted. */
async function settledOrAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  let listening: Disposable | undefined;
  const aborted = new Promise<void>((resolve) => (listening = addAbortListener(signal, () => resolve())));
  await Promise.race([work, aborted]);
  listening?.[Symbol.dispose]();
}

async function isGone({ target }: TargetEntry): Promise<boolean> {
  if (target.kind !== 'file' || !isAbsolute(target.file)) return false;
  return access(target.file).then(
    () => false,
    () => true,
  );
}
