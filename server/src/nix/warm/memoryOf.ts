import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { readTextFile } from '../../files/regularFile.ts';

const mebibyte = 1024 * 1024;
/** Of Linux on all processors for which Nix is released; on some ARM kernels it is larger, and less is told. */
const pageSize = 4096;

/** How much memory a process holds, in MiB; undefined where it cannot be told, as of one that has ended. */
export async function memoryOf(id: number): Promise<number | undefined> {
  try {
    if (process.platform === 'linux') {
      const pages = Number((await readTextFile(`/proc/${id}/statm`)).split(' ')[1]);
      return Number.isFinite(pages) ? (pages * pageSize) / mebibyte : undefined;
    }
    const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(id)]);
    const kibibytes = Number.parseInt(stdout, 10);
    return Number.isFinite(kibibytes) ? kibibytes / 1024 : undefined;
  } catch {
    // The process has ended meanwhile.
    return undefined;
  }
}
