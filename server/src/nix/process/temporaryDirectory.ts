import { createHash } from 'node:crypto';
import { mkdtempSync, readlinkSync, rmSync } from 'node:fs';
import { lstat, readdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { onExit } from 'signal-exit';
import { guard, release } from './watchdog.ts';

/**
 * The name says whose it is, so that one that was left behind is told by its
 * owner being gone. Ids of processes count only where they were given: a
 * container may share the folder.
 */
const prefix = `nix-platform-lens-${processNamespace()}-`;

/** Tells machines, and namespaces of ids on one (pid_namespaces(7)), apart. */
function processNamespace(): string {
  let namespace = '';
  try {
    namespace = readlinkSync('/proc/self/ns/pid');
  } catch {
    // Not Linux: there are none.
  }
  return createHash('sha256').update(`${hostname()} ${namespace}`).digest('hex').slice(0, 12);
}

/** Those that exist. */
const existing = new Set<string>();
let watchesExit = false;

/** A new directory outside the workspace; disposing of it removes it. */
export interface TemporaryDirectory extends AsyncDisposable {
  readonly path: string;
}

/**
 * Makes a temporary directory. It is removed with this process at the latest,
 * however that ends: by itself, by a signal, or by force.
 *
 * @throws Error of the file system
 */
export function makeTemporaryDirectory(): TemporaryDirectory {
  if (!watchesExit) {
    watchesExit = true;
    // Last: what still reads from them is ended first.
    onExit(removeTemporaryDirectories, { alwaysLast: true });
    void sweepTemporaryDirectories();
  }
  // Synchronously, so that there is no moment in which it exists and is not known.
  const path = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`));
  existing.add(path);
  guard('directory', path);
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      await rm(path, { recursive: true, force: true });
      existing.delete(path);
      release('directory', path);
    },
  };
}

/** Removes those that there are still, at once: this process ends. */
export function removeTemporaryDirectories(): void {
  // Files may still be written into it meanwhile: then it is tried again.
  for (const path of existing) rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
}

/**
 * Removes directories whose owner is gone and that its watchdog did not remove,
 * as after a loss of power. What cannot be removed stays for the next time.
 */
async function sweepTemporaryDirectories(): Promise<void> {
  const names = await readdir(tmpdir()).catch(() => []);
  for (const name of names) {
    const owner = new RegExp(`^${prefix}(\\d+)-\\w+$`).exec(name)?.[1];
    if (owner === undefined || isAlive(Number(owner))) continue;
    const path = join(tmpdir(), name);
    const status = await lstat(path).catch(() => undefined);
    if (!status?.isDirectory() || status.uid !== process.getuid?.()) continue;
    await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}

function isAlive(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, and another user's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
