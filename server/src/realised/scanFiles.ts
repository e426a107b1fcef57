import { headLength } from '../binary/binaryFormat.ts';
import { ReadingPace } from '../files/readingPace.ts';
import { Slice } from '../model/slices.ts';
import { readFormat, readFormatNow, type FileFormat } from './readFormat.ts';
import { isErrorOf, walkOutput, type OnUnreadable, type WalkedFile } from './walkOutput.ts';

export interface ExaminedFile extends Omit<WalkedFile, 'path'>, FileFormat {}

export interface ScanOptions {
  readonly signal: AbortSignal;
  /** No more files than this are opened. */
  readonly mostFiles: number;
  readonly onUnreadable: OnUnreadable;
}

/**
 * Measured with Node 24 on two busy cores, 59,840 files below /usr/lib in
 * memory: open, fstat, read and close at once take 26 µs a file, concurrently
 * 108 µs and four times the processor. A disk that has to be waited for is the
 * other way round (see `derivation/loadClosure.ts`).
 */
const paceLimits = { slowMilliseconds: 0.4, coldScore: 8 };

/** Files that are open at once at most: more do not make it faster, Node has four threads for them. */
const openAtOnce = 16;

/**
 * Reads the headers of all regular files below store paths.
 *
 * @param take is told of each file, in no order, and waited for
 * @returns false where {@link ScanOptions.mostFiles} ended it
 * @throws the signal's reason when it is aborted
 */
export async function scanFiles(
  storePaths: readonly string[],
  { signal, mostFiles, onUnreadable }: ScanOptions,
  take: (file: ExaminedFile) => void | Promise<void>,
): Promise<boolean> {
  let opened = 0;
  let isWhole = true;
  const pace = new ReadingPace(paceLimits);
  const slice = new Slice();
  const files = walkAll(storePaths, onUnreadable);
  const work = async (): Promise<void> => {
    const head = new Uint8Array(headLength);
    // The workers share one iterator: each file goes to one of them.
    for await (const { storePath, file, path } of files) {
      signal.throwIfAborted();
      if (opened >= mostFiles) {
        isWhole = false;
        return;
      }
      opened += 1;
      const found = await read(path, head, pace, onUnreadable);
      await slice.giveWayIfOver();
      if (found) await take({ storePath, file, ...found });
    }
  };
  await Promise.all(Array.from({ length: openAtOnce }, work));
  signal.throwIfAborted();
  return isWhole;
}

async function* walkAll(
  storePaths: readonly string[],
  onUnreadable: OnUnreadable,
): AsyncGenerator<WalkedFile, void, undefined> {
  for (const storePath of storePaths) yield* walkOutput(storePath, onUnreadable);
}

async function read(
  path: Buffer,
  head: Uint8Array,
  pace: ReadingPace,
  onUnreadable: OnUnreadable,
): Promise<FileFormat | undefined> {
  try {
    if (pace.waitsForDisk) return await readFormat(path, head);
    return pace.time(() => readFormatNow(path, head));
  } catch (error) {
    // O_NOFOLLOW: a store path that is a link leads to one that is looked at by itself.
    if (isErrorOf(error, 'ELOOP')) return undefined;
    // A mistake in this program is no file that cannot be read.
    if (!(error instanceof Error && 'code' in error)) throw error;
    onUnreadable(path.toString('utf8'), error);
    return undefined;
  }
}
