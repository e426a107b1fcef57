import type { Position } from '../model/location.ts';
import type { OpenDocument } from '../snapshot/documents.ts';
import type { SyntaxProblem } from '../snapshot/syntaxProblems.ts';
import type { PointedSource } from '../syntax/documentTree.ts';
import { Debounce } from './debounce.ts';
import type { DiskTexts } from './diskTexts.ts';
import { DocumentTrees } from './documentTrees.ts';
import type { SessionParts } from './parts.ts';
import { delays } from './state.ts';
import type { StateStore } from './stateStore.ts';

/** Looks at documents while somebody edits them, when they pause. */
export class OpenDocuments {
  readonly #store: StateStore;
  readonly #disk: DiskTexts;
  readonly #logError: SessionParts['logError'];
  readonly #trees: DocumentTrees;
  readonly #parseSoon = new Debounce(() => void this.#lookThrough());
  readonly #readSoon = new Debounce(() => void this.#read());
  /** Files that are to be read. */
  readonly #edited = new Set<string>();

  constructor(store: StateStore, disk: DiskTexts, parts: Pick<SessionParts, 'loadParser' | 'logError'>) {
    this.#store = store;
    this.#disk = disk;
    this.#logError = parts.logError;
    this.#trees = new DocumentTrees(parts.loadParser);
  }

  /** What a position of an open document touches; undefined where it is not open, or beyond a limit. */
  around(file: string, position: Position): Promise<PointedSource | undefined> {
    return this.#trees.around(file, () => this.#document(file), position);
  }

  /** An edit may be a reload: an editor without a file watcher tells nothing else of a changed file. */
  readSoon(files: readonly string[]): void {
    for (const file of files) this.#edited.add(file);
    this.#readSoon.soon(delays.parse);
  }

  parseSoon(delay: number): void {
    this.#parseSoon.soon(delay);
  }

  closeTree(file: string): void {
    this.#trees.close(file);
  }

  /** Nothing more is looked at. */
  dispose(): void {
    this.#parseSoon.cancel();
    this.#readSoon.cancel();
    this.#trees[Symbol.dispose]();
  }

  async #read(): Promise<void> {
    const files = [...this.#edited];
    this.#edited.clear();
    await this.#disk.read(files, 'edited');
  }

  /** Looks for documents that are beyond a limit, and in an untrusted workspace for what is no Nix. */
  async #lookThrough(): Promise<void> {
    const syntaxProblems = new Map<string, readonly SyntaxProblem[]>();
    const textLimits = new Map<string, string>();
    try {
      for (const file of this.#store.snapshot.documents.keys()) {
        const newest = (): OpenDocument | undefined => this.#document(file);
        const limit = await this.#trees.limit(file, newest);
        if (limit) textLimits.set(file, limit.message);
        const problems = this.#store.snapshot.trusted ? [] : await this.#trees.problems(file, newest);
        if (problems && problems.length > 0) syntaxProblems.set(file, problems);
      }
    } catch (error) {
      this.#logError('The Nix grammar could not be used.', error);
      return;
    }
    this.#store.send('documents-parsed', { syntaxProblems, textLimits });
  }

  #document(file: string): OpenDocument | undefined {
    return this.#store.snapshot.documents.get(file);
  }
}
