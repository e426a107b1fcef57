import { readTextIfPossible } from '../files/regularFile.ts';
import type { Report } from '../model/report.ts';
import type { DiskRead } from './events/diskEvents.ts';
import type { ReadCause } from './state.ts';

/** Files that are looked at at the same time. */
const mostAtOnce = 32;

/**
 * The only one in the session who reads Nix files: what is on disk is never
 * taken from what an editor says. What it has read it tells, in the order in
 * which it was read, so that nobody takes an older text for the newer one.
 */
export class DiskTexts {
  readonly #tell: (read: DiskRead) => void;
  /** The reading that was asked for last. */
  #last: Promise<unknown> = Promise.resolve();
  #isDisposed = false;

  constructor(tell: (read: DiskRead) => void) {
    this.#tell = tell;
  }

  /**
   * Reads files, and tells of them.
   *
   * @param reader key of the evaluation whose run is about to read them, or has read them
   * @returns the texts of those that can be read
   */
  async read(
    files: readonly string[],
    cause: ReadCause,
    reader?: string,
  ): Promise<ReadonlyMap<string, string>> {
    const texts = await this.#inTurn(() => readTexts(files));
    if (!this.#isDisposed && files.length > 0)
      this.#tell({ texts, cause, ...(reader !== undefined && { reader }) });
    return new Map([...texts].flatMap(([file, text]) => (text === undefined ? [] : [[file, text]])));
  }

  /** True where all files hold these texts. */
  async hold(sources: Report['sources']): Promise<boolean> {
    const texts = await this.#inTurn(() => readTexts([...sources.keys()]));
    return [...sources].every(([file, text]) => texts.get(file) === text);
  }

  /** Settles when nothing is read any more; nothing more is told. */
  async dispose(): Promise<void> {
    this.#isDisposed = true;
    await this.#last;
  }

  #inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }
}

async function readTexts(files: readonly string[]): Promise<DiskRead['texts']> {
  const texts = new Map<string, string | undefined>();
  const rest = new Set(files).values();
  const readNext = async (): Promise<void> => {
    for (const file of rest) texts.set(file, await readTextIfPossible(file));
  };
  await Promise.all(Array.from({ length: mostAtOnce }, readNext));
  return texts;
}
