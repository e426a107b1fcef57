import { basename } from 'node:path';

import type { Snapshot } from '../snapshot/snapshot.ts';
import { targetFileName } from '../targets/targetFile.ts';
import type { Debounce } from './debounce.ts';
import type { DiskTexts } from './diskTexts.ts';
import type { SessionParts } from './parts.ts';
import { delays } from './state.ts';
import type { StateStore } from './stateStore.ts';
import type { TargetSearch } from './targetSearch.ts';

export interface FileChange {
  readonly file: string;
  readonly kind: 'created' | 'changed' | 'deleted';
}

/** Follows what changes on disk: Nix files, and what teams share in target files. */
export class WatchedFiles {
  readonly #store: StateStore;
  readonly #disk: DiskTexts;
  readonly #search: TargetSearch;
  readonly #parts: Pick<SessionParts, 'readTargetFile' | 'logError'>;
  readonly #evaluateSoon: () => Debounce;
  /** The reading of target files that was asked for last. */
  #reading: Promise<void> = Promise.resolve();

  constructor(
    store: StateStore,
    disk: DiskTexts,
    search: TargetSearch,
    parts: Pick<SessionParts, 'readTargetFile' | 'logError'>,
    evaluateSoon: () => Debounce,
  ) {
    this.#store = store;
    this.#disk = disk;
    this.#search = search;
    this.#parts = parts;
    this.#evaluateSoon = evaluateSoon;
  }

  /** Files that changed on disk, by whatever program. */
  async changed(all: readonly FileChange[]): Promise<void> {
    const isShared = ({ file }: FileChange): boolean => basename(file) === targetFileName;
    if (all.some(isShared)) await this.#takeTargetFiles();
    const files = all.filter((change) => !isShared(change)).map(({ file }) => file);
    await this.#disk.read(files, 'told');
  }

  async #takeTargetFiles(): Promise<void> {
    const before = concernsTargets(this.#store.snapshot);
    await this.readTargetFiles();
    this.#search.list.tell();
    const { snapshot, isConfigured } = this.#store.state;
    const isOther = concernsTargets(snapshot) !== before;
    if (isOther && snapshot.trusted && isConfigured) this.#evaluateSoon().soon(delays.filesChanged);
  }

  /** One after the other, so that no older text replaces a newer one. */
  readTargetFiles(): Promise<void> {
    this.#reading = this.#reading.then(() => this.#readTargetFiles());
    return this.#reading;
  }

  async #readTargetFiles(): Promise<void> {
    const { readTargetFile, logError } = this.#parts;
    if (!readTargetFile) return;
    const { workspaceRoots } = this.#store.snapshot;
    const read = workspaceRoots.map((root) =>
      readTargetFile(root).catch((error: unknown) => {
        logError(`${targetFileName} could not be read.`, error);
        return undefined;
      }),
    );
    const targetFiles = (await Promise.all(read)).flatMap((file) => file ?? []);
    // Those of newer folders are being read then.
    if (workspaceRoots === this.#store.snapshot.workspaceRoots)
      this.#store.send('target-files-read', { targetFiles });
  }
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
