import { applyPolicy } from '../check/policy.ts';
import type { Report } from '../model/report.ts';
import { readTextIfPossible } from '../files/regularFile.ts';
import { Debounce } from './debounce.ts';
import { publishFormer } from './outcomes.ts';
import type { SessionParts, SessionStorage } from './parts.ts';
import { suppressionReader } from './policies.ts';
import { chosenEvaluations, hasOutcome, type Evaluated, type Evaluation } from '../snapshot/snapshot.ts';
import { entriesOf, keptTarget } from '../snapshot/activeEvaluations.ts';
import type { Store } from './store.ts';

/** Reports that are kept in memory, active ones included. */
const mostInMemory = 6;

/** Milliseconds to wait for a newer report before one is written. */
const writeDelay = 500;

/** No state of the files has this number: the report is of other texts, or that is not known. */
const otherFiles = -1;

interface Remembered {
  readonly evaluated: Evaluated;
  readonly madeAt: Date;
}

/**
 * Shows former reports of evaluations that become active: those of this
 * session, and those that the storage has of former ones. Nothing is read or
 * shown in an untrusted workspace, nor before the settings are known.
 *
 * A report of this session is as good as new while no file has changed since.
 * Any other one bears its time, and the run that follows replaces it.
 */
export class Recall {
  readonly #store: Store;
  readonly #storage: SessionStorage | undefined;
  readonly #logError: SessionParts['logError'];
  readonly #readSuppressions: ReturnType<typeof suppressionReader>;
  /** By the evaluation's key; the one that was active last comes last. */
  readonly #remembered = new Map<string, Remembered>();
  /** Keys that the storage was asked for. */
  readonly #asked = new Set<string>();
  readonly #unwritten = new Set<string>();
  readonly #writeSoon = new Debounce(() => void this.#write());
  #writing: Promise<void> = Promise.resolve();
  #isStarted = false;

  constructor(store: Store, parts: Pick<SessionParts, 'storage' | 'loadParser' | 'logError'>) {
    this.#store = store;
    this.#storage = parts.storage;
    this.#logError = parts.logError;
    this.#readSuppressions = suppressionReader(parts);
    store.onChange(() => this.#follow());
  }

  /** The settings are known now. */
  start(): void {
    this.#isStarted = true;
    this.#follow();
  }

  /** An evaluation would bring something else now, although no file has changed. */
  outdate(): void {
    for (const [key, { evaluated, madeAt }] of this.#remembered)
      this.#remembered.set(key, { evaluated: { ...evaluated, diskGeneration: otherFiles }, madeAt });
    const evaluations = this.#store.snapshot.evaluations.map((evaluation) => {
      const { evaluated } = evaluation;
      return { ...evaluation, evaluated: evaluated && { ...evaluated, diskGeneration: otherFiles } };
    });
    this.#store.update({ evaluations }, 'run');
  }

  /** Writes what is not written yet. */
  async dispose(): Promise<void> {
    this.#writeSoon.cancel();
    await this.#write();
  }

  #follow(): void {
    const { trusted, evaluations } = this.#store.snapshot;
    if (!this.#isStarted || !trusted) return;
    for (const evaluation of evaluations) {
      if (evaluation.evaluated) this.#remember(evaluation, evaluation.evaluated);
      else if (!evaluation.failure) this.#show(evaluation.key);
    }
  }

  #remember({ key, failure }: Evaluation, evaluated: Evaluated): void {
    const before = this.#remembered.get(key);
    const isNew = before?.evaluated.found !== evaluated.found;
    if (isNew && !evaluated.asOf) {
      this.#unwritten.add(key);
      this.#writeSoon.soon(writeDelay);
    }
    const madeAt = evaluated.asOf ?? (isNew ? new Date() : before.madeAt);
    this.#remembered.delete(key);
    this.#remembered.set(key, {
      evaluated: failure ? { ...evaluated, diskGeneration: otherFiles } : evaluated,
      madeAt,
    });
    this.#forgetOldest();
  }

  #forgetOldest(): void {
    for (const key of this.#remembered.keys()) {
      if (this.#remembered.size <= mostInMemory) return;
      if (this.#store.evaluation(key) || this.#unwritten.has(key)) continue;
      this.#remembered.delete(key);
      this.#asked.delete(key);
    }
  }

  #show(key: string): void {
    const known = this.#remembered.get(key);
    if (known) {
      const { evaluated, madeAt } = known;
      const isAsNew = hasOutcome({ evaluated, failure: undefined }) && this.#isOfNow(evaluated);
      publishFormer(this.#store, key, isAsNew ? evaluated : { ...evaluated, asOf: madeAt });
    } else if (!this.#asked.has(key)) {
      this.#asked.add(key);
      void this.#showStored(key);
    }
  }

  #isOfNow({ diskGeneration }: Evaluated): boolean {
    return diskGeneration === this.#store.snapshot.diskGeneration;
  }

  async #showStored(key: string): Promise<void> {
    const { settings, diskGeneration } = this.#store.snapshot;
    if (!this.#storage || !settings['cache.enabled']) return;
    try {
      const kept = await this.#storage.readReport(key);
      if (!kept) return;
      const { report, madeAt } = kept;
      const isSame = await areOnDisk(report.sources);
      const suppressions = await this.#readSuppressions(report);
      const evaluation = this.#store.evaluation(key);
      if (!this.#store.snapshot.trusted || !evaluation || evaluation.evaluated) return;
      publishFormer(this.#store, key, {
        found: report,
        report: applyPolicy(report, {}, suppressions),
        fixes: [],
        isToBeProven: true,
        diskGeneration: isSame ? diskGeneration : otherFiles,
        asOf: madeAt,
      });
    } catch (error) {
      this.#logError('A report that was kept could not be used. It is made again.', error);
    }
  }

  #write(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#writeNow());
    return this.#writing;
  }

  async #writeNow(): Promise<void> {
    const { snapshot } = this.#store;
    const keys = [...this.#unwritten];
    this.#unwritten.clear();
    if (!this.#storage || !snapshot.settings['cache.enabled'] || keys.length === 0) return;
    for (const key of keys) {
      const known = this.#remembered.get(key);
      if (known) await this.#writeReport(this.#storage, key, known);
    }
    try {
      await this.#storage.writeLastTargets(entriesOf(chosenEvaluations(snapshot)).map(keptTarget));
    } catch (error) {
      this.#logError('The targets could not be kept for the next session.', error);
    }
  }

  async #writeReport(storage: SessionStorage, key: string, { evaluated, madeAt }: Remembered): Promise<void> {
    try {
      await storage.writeReport({ key, madeAt, report: evaluated.found });
    } catch (error) {
      this.#logError('A report could not be kept for the next session.', error);
    }
  }
}

/** True where all files have these texts. */
async function areOnDisk(sources: Report['sources']): Promise<boolean> {
  const checks = [...sources].map(async ([file, text]) => {
    // A file that cannot be read is not as it was.
    const now = await readTextIfPossible(file);
    return now === text;
  });
  return (await Promise.all(checks)).every(Boolean);
}
