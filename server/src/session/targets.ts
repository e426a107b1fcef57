import { addAbortListener } from 'node:events';
import { access } from 'node:fs/promises';
import { isAbsolute } from 'node:path';

import type { SourceRange } from '../model/location.ts';
import type { EvaluateAtParams } from '../protocol.ts';
import { fileOfUri } from './documents.ts';
import type { NixConnection, SessionParts } from './parts.ts';
import { RangeTracker } from './rangeTracker.ts';
import type { Snapshot, TargetEntry } from './snapshot.ts';
import type { Store } from './store.ts';
import { targetAt } from './targetAt.ts';
import { chooseTarget, listTargets, targetKey } from './targetCatalogue.ts';
import { targetOfSetting } from '../evaluation/targetSetting.ts';
import { limitsOf, rootsOf, savedTexts } from './workspace.ts';

const searchTimeoutMs = 60_000;

/** There is nothing to evaluate where somebody asked for it; the message says what to do. */
export class NoSuchTargetError extends Error {
  override readonly name = 'NoSuchTargetError';
}

/** Finds the evaluation targets and keeps the active one. */
export class Targets {
  readonly #store: Store;
  readonly #nix: () => NixConnection;
  readonly #logError: SessionParts['logError'];
  #found: Awaited<ReturnType<NixConnection['findTargets']>> = [];
  /** Where the settings' targets stand, by key. */
  #places: ReadonlyMap<string, SourceRange> = new Map();
  /** The files changed since the last search. */
  #outdated = true;
  /** The search that is under way; it never rejects. */
  #search: Promise<void> | undefined;
  /** The target that the user chose. */
  #chosen: string | undefined;
  readonly #disposed = new AbortController();

  constructor(store: Store, nix: () => NixConnection, logError: SessionParts['logError']) {
    this.#store = store;
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
   */
  async find(wanted?: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([
      AbortSignal.timeout(searchTimeoutMs),
      this.#disposed.signal,
      ...(wanted ? [wanted] : []),
    ]);
    while (this.#search && !signal.aborted) await settledOrAborted(this.#search, signal);
    if (signal.aborted || !this.#outdated || !this.#store.snapshot.trusted) return;
    this.#search = this.#searchNow(signal);
    await this.#search;
  }

  /** Ends the search that is under way; settles when its processes have ended. */
  async dispose(): Promise<void> {
    this.#disposed.abort();
    await this.#search;
  }

  async #searchNow(signal: AbortSignal): Promise<void> {
    this.#outdated = false;
    const problems: string[] = [];
    try {
      await this.placeNamed();
      const { snapshot } = this.#store;
      const openFiles = [...snapshot.documents.keys()];
      this.#found = await this.#nix().findTargets({
        workspaceRoots: rootsOf(snapshot),
        openFiles,
        limits: limitsOf(snapshot),
        signal,
        onProblem: (problem) => problems.push(problem),
      });
      // The first is of the file that is evaluated rather than the others.
      this.#store.update({ searchProblem: problems[0] });
      this.relist();
    } catch (error) {
      this.#outdated = true;
      if (!signal.aborted) this.#logError('The evaluation targets could not be found.', error);
    } finally {
      this.#search = undefined;
    }
  }

  /** Finds the settings' targets in their files: without Nix, and therefore at once. */
  async placeNamed(): Promise<void> {
    const { snapshot } = this.#store;
    const named = snapshot.settings.targets.map((setting) =>
      targetOfSetting(setting, rootsOf(snapshot)[0] ?? '.'),
    );
    if (named.length === 0) return;
    const places = await Promise.all(
      named.map(async (target) => [targetKey(target), await this.#nix().placeOf(target)] as const),
    );
    this.#places = new Map(places.flatMap(([key, place]) => (place ? [[key, place]] : [])));
    this.relist();
  }

  /**
   * Lists what is known by now, and makes sure that a target is active where
   * there is one: the one that the user chose; else the settings' first; else
   * the one that is active, although its file may be broken just now.
   */
  relist(): void {
    const { snapshot } = this.#store;
    const { settings, documents, targets: before, activeTarget } = snapshot;
    const targets = listTargets(settings.targets, this.#found, rootsOf(snapshot), this.#places);
    const isSame = JSON.stringify(before ?? []) === JSON.stringify(targets);
    const targetRanges = RangeTracker.from(savedTexts(snapshot), documents.values());
    this.#store.update({ targets, targetRanges }, ...(isSame ? [] : (['targets'] as const)));
    const byDefault = chooseTarget(targets, settings.targets, [...documents.keys()]);
    const isChosen = this.#chosen !== undefined || settings.targets.length === 0;
    const kept = isChosen ? activeTarget : undefined;
    const next = targets.find(({ key }) => key === kept?.key) ?? kept ?? byDefault;
    if (next) this.#activate(next);
  }

  /**
   * Where the file of a target that nobody chose is gone, looks for another
   * target.
   *
   * @returns true where another one is active now
   */
  async replaceGone(signal: AbortSignal): Promise<boolean> {
    const { activeTarget, settings } = this.#store.snapshot;
    const isByChoice = this.#chosen !== undefined || settings.targets.length > 0;
    if (!activeTarget || isByChoice || !(await isGone(activeTarget))) return false;
    if (signal.aborted) return false;
    this.#store.update({ activeTarget: undefined, ...forgotten }, 'targets', 'evaluation');
    this.#outdated = true;
    await this.find(signal);
    const { activeTarget: next } = this.#store.snapshot;
    return next !== undefined && next.key !== activeTarget.key;
  }

  /**
   * Makes the target of this key the active one.
   *
   * @throws NoSuchTargetError when there is no such target
   */
  async choose(key: string): Promise<void> {
    const isWanted = (entry: TargetEntry): boolean => entry.key === key;
    if (!this.#store.snapshot.targets?.some(isWanted)) await this.find();
    const entry = this.#store.snapshot.targets?.find(isWanted);
    if (!entry)
      throw new NoSuchTargetError('This evaluation target does not exist (any more). Choose another one.');
    this.#chosen = key;
    this.#activate(entry);
  }

  /**
   * Makes the target whose attribute is at a position the active one.
   *
   * @throws NoSuchTargetError when nothing there can be evaluated
   */
  async chooseAt({ uri, position, key }: EvaluateAtParams): Promise<void> {
    if (key !== undefined) return this.choose(key);
    const file = fileOfUri(uri);
    await this.find();
    const entry = file === undefined ? undefined : targetAt(this.#store.snapshot, file, position);
    if (!entry) {
      throw new NoSuchTargetError(
        'No evaluation target was found at this place. Name one in the setting nixPlatformLens.targets, ' +
          'with its file and its attribute path.',
      );
    }
    await this.choose(entry.key);
  }

  #activate(entry: TargetEntry): void {
    const isOther = entry.key !== this.#store.snapshot.activeTarget?.key;
    if (isOther) this.#store.update({ activeTarget: entry, ...forgotten }, 'targets', 'evaluation');
    else this.#store.update({ activeTarget: entry });
  }
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

/** What is no longer true when another target, or another system, was chosen. */
export const forgotten = { evaluated: undefined, failure: undefined } satisfies Partial<Snapshot>;
