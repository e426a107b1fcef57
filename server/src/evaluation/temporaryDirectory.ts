import { mkdtempSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onExit } from 'signal-exit';

/** Those that exist. */
const existing = new Set<string>();
let watchesExit = false;

/** A new directory outside the workspace; disposing of it removes it. */
export interface TemporaryDirectory extends AsyncDisposable {
  readonly path: string;
}

/**
 * Makes a temporary directory. It is removed with this process at the latest,
 * when a signal ends that too.
 */
export function makeTemporaryDirectory(): TemporaryDirectory {
  if (!watchesExit) {
    watchesExit = true;
    // Last: what still reads from them is ended first.
    onExit(removeAll, { alwaysLast: true });
  }
  // Synchronously, so that there is no moment in which it exists and is not known.
  const path = mkdtempSync(join(tmpdir(), 'nix-platform-lens-'));
  existing.add(path);
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      await rm(path, { recursive: true, force: true });
      existing.delete(path);
    },
  };
}

function removeAll(): void {
  // Files may still be written into it meanwhile: then it is tried again.
  for (const path of existing) rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
}
