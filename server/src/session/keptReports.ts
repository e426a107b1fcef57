import { readSuppressionsOf } from '../attribution/findSuppressions.ts';
import { pathsFromRoot } from '../check/shortestPaths.ts';
import type { Report } from '../model/report.ts';
import { inSlices } from '../model/slices.ts';
import { entriesOf, keptTarget } from '../snapshot/activeEvaluations.ts';
import { chosenEvaluations } from '../snapshot/snapshot.ts';
import { Debounce } from './debounce.ts';
import type { DiskTexts } from './diskTexts.ts';
import type { SessionParts, SessionStorage } from './parts.ts';
import { policeAhead } from './policies.ts';
import type { StateStore } from './stateStore.ts';

/** Milliseconds to wait for a newer report before one is written. */
const writeDelay = 500;

interface Unwritten {
  readonly report: Report;
  readonly madeAt: Date;
}

/** Reads the reports that were kept in former sessions, and keeps those of this one. */
export class KeptReports {
  readonly #store: StateStore;
  readonly #storage: SessionStorage | undefined;
  readonly #disk: DiskTexts;
  readonly #logError: SessionParts['logError'];
  readonly #loadParser: SessionParts['loadParser'];
  /** By the evaluation's key. */
  readonly #unwritten = new Map<string, Unwritten>();
  readonly #writeSoon = new Debounce(() => void this.#write());
  #writing: Promise<void> = Promise.resolve();

  constructor(
    store: StateStore,
    disk: DiskTexts,
    parts: Pick<SessionParts, 'storage' | 'loadParser' | 'logError'>,
  ) {
    this.#store = store;
    this.#disk = disk;
    this.#storage = parts.storage;
    this.#logError = parts.logError;
    this.#loadParser = parts.loadParser;
  }

  /**
   * Reads what was kept of an evaluation.
   *
   * @param diskGeneration the snapshot's number for what is on disk, when it was asked for
   */
  async read(key: string, diskGeneration: number): Promise<void> {
    if (!this.#storage || !this.#store.snapshot.settings['cache.enabled']) return;
    try {
      const kept = await this.#storage.readReport(key);
      if (!kept) return;
      const isSame = await this.#disk.hold(kept.report.sources);
      const suppressions = await readSuppressionsOf(kept.report, this.#loadParser);
      // So that no answer searches the closure at one go.
      await inSlices(pathsFromRoot(kept.report.graph));
      await policeAhead(kept.report, suppressions, this.#store.snapshot);
      this.#store.send('kept-report-read', {
        kept,
        suppressions,
        diskGeneration: isSame ? diskGeneration : undefined,
      });
    } catch (error) {
      this.#logError('A report that was kept could not be used. It is made again.', error);
    }
  }

  /** Writes a report soon, unless a newer one comes. */
  keep(key: string, report: Report, madeAt: Date): void {
    this.#unwritten.set(key, { report, madeAt });
    this.#writeSoon.soon(writeDelay);
  }

  /** Writes what is not written yet. */
  async dispose(): Promise<void> {
    this.#writeSoon.cancel();
    await this.#write();
  }

  #write(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#writeNow());
    return this.#writing;
  }

  async #writeNow(): Promise<void> {
    const { snapshot } = this.#store;
    const reports = [...this.#unwritten];
    this.#unwritten.clear();
    if (!this.#storage || !snapshot.settings['cache.enabled'] || reports.length === 0) return;
    for (const [key, unwritten] of reports) {
      try {
        await this.#storage.writeReport({ key, ...unwritten });
      } catch (error) {
        this.#logError('A report could not be kept for the next session.', error);
      }
    }
    try {
      await this.#storage.writeLastTargets(entriesOf(chosenEvaluations(snapshot)).map(keptTarget));
    } catch (error) {
      this.#logError('The targets could not be kept for the next session.', error);
    }
  }
}
