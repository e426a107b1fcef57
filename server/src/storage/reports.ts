import { createHash } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { readRegularFile } from '../files/regularFile.ts';
import { writeWhole } from '../files/writeWhole.ts';
import { decodeReport, encodeReport, UnreadableReportError, type KeptReport } from './reportCodec.ts';

/** What is kept at most of one workspace; what was written first goes first. */
const limits = { files: 20, bytes: 64 * 1024 * 1024 } as const;

const extension = '.report';

/**
 * The newest report that was written of an evaluation; undefined where there is none.
 *
 * @param directory the workspace's own folder of the storage
 * @param key names the evaluation: its target with the arguments, and the system that it is evaluated as
 * @throws UnreadableReportError when the file is damaged or of another version; it is removed
 */
export async function readReport(directory: string, key: string): Promise<KeptReport | undefined> {
  const file = fileOf(directory, key);
  let bytes: Buffer;
  try {
    bytes = await readRegularFile(file);
  } catch {
    // Nothing was kept yet, or it cannot be read: the evaluation brings a new one.
    return undefined;
  }
  try {
    const kept = await decodeReport(bytes);
    if (kept.key !== key) throw new UnreadableReportError('it is of another evaluation');
    return kept;
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
}

/**
 * Writes a report as a whole, for the user alone: it has the texts of the
 * workspace's files. Whoever reads sees the former one or this one.
 *
 * @throws Error of the file system
 */
export async function storeReport(directory: string, kept: KeptReport): Promise<void> {
  await writeWhole(fileOf(directory, kept.key), await encodeReport(kept));
  await removeOldest(join(directory, folder));
}

const folder = 'reports';

function fileOf(directory: string, key: string): string {
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 32);
  return join(directory, folder, `${hash}${extension}`);
}

interface StoredFile {
  readonly file: string;
  readonly mtimeMs: number;
  readonly size: number;
}

/** No server writes on one draft for so long, in milliseconds: it was killed. */
const longestDraft = 60 * 60 * 1000;

async function removeOldest(directory: string): Promise<void> {
  const stored = await Promise.all((await readdir(directory)).map((name) => statOf(join(directory, name))));
  const all = stored.flatMap((file) => file ?? []);
  const isReport = ({ file }: StoredFile): boolean => file.endsWith(extension);
  for (const { file, mtimeMs } of all.filter((one) => !isReport(one)))
    if (Date.now() - mtimeMs > longestDraft) await rm(file, { force: true });
  const files = all.filter(isReport);
  files.sort((one, other) => other.mtimeMs - one.mtimeMs);
  let bytes = 0;
  for (const [position, { file, size }] of files.entries()) {
    bytes += size;
    // The newest one stays, however large it is.
    const isTooMuch = position >= limits.files || bytes > limits.bytes;
    if (position > 0 && isTooMuch) await rm(file, { force: true });
  }
}

/** Undefined for a file that another window has removed meanwhile. */
async function statOf(file: string): Promise<StoredFile | undefined> {
  try {
    const { mtimeMs, size } = await stat(file);
    return { file, mtimeMs, size };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
