import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { readTextFile } from '../../files/regularFile.ts';

const mebibyte = 1024 * 1024;
/** Of Linux on all processors for which Nix is released; on some ARM kernels it is larger, and less is told. */
const pageSize = 4096;

/**
 * The resident memory of processes with all that they have started, in MiB; of one that has ended, nothing.
 *
 * By hand, because `pidusage` weighs single processes and asks for their processor time as well: the tree has to
 * be found all the same, which `pidtree` does by starting `ps` each time, twice a second beside each evaluation.
 */
export async function memoryOfTrees(roots: readonly number[]): Promise<number> {
  const trees = process.platform === 'linux' ? roots.map(memoryOfTree) : [memoryByPs(roots)];
  return (await Promise.all(trees)).reduce((sum, memory) => sum + memory, 0);
}

/** From `/proc` (proc_pid_statm(5), proc_tid_children(5)). */
async function memoryOfTree(id: number): Promise<number> {
  try {
    const pages = Number((await readTextFile(`/proc/${id}/statm`)).split(' ')[1]);
    const memory = Number.isFinite(pages) ? (pages * pageSize) / mebibyte : 0;
    const children = await Promise.all((await childrenOf(id)).map(memoryOfTree));
    return children.reduce((sum, one) => sum + one, memory);
  } catch {
    // The process has ended meanwhile.
    return 0;
  }
}

/** Each thread has children of its own. */
async function childrenOf(id: number): Promise<number[]> {
  const threads = await readdir(`/proc/${id}/task`);
  const lists = await Promise.all(
    threads.map((thread) => readTextFile(`/proc/${id}/task/${thread}/children`).catch(() => '')),
  );
  return lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number));
}

async function memoryByPs(roots: readonly number[]): Promise<number> {
  try {
    const { stdout } = await promisify(execFile)('/bin/ps', ['-axo', 'pid=,ppid=,rss=']);
    const wanted = new Set(roots);
    const rows = stdout.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
    // A process may stand before the one that started it.
    for (let known = 0; known < wanted.size;) {
      known = wanted.size;
      for (const [id, parent] of rows) if (id !== undefined && wanted.has(parent ?? 0)) wanted.add(id);
    }
    const kibibytes = rows.reduce((sum, [id, , rss]) => sum + (wanted.has(id ?? 0) ? (rss ?? 0) : 0), 0);
    return kibibytes / 1024;
  } catch {
    // Without `ps`, only Nix's own limit of its heap holds.
    return 0;
  }
}
