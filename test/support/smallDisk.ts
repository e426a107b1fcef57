import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';

/** A file system in memory that is soon full; only root may make one. */
export class SmallDisk implements Disposable {
  readonly path: string;

  /** @param path the folder at which it is to appear */
  constructor(path: string, size = '1m') {
    this.path = path;
    mkdirSync(path, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'npl-small-disk', path], { stdio: 'pipe' });
  }

  /** Writes until nothing more fits. */
  fill(): void {
    const file = openSync(`${this.path}/filling`, 'w');
    try {
      for (;;) writeSync(file, Buffer.alloc(4096));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    } finally {
      closeSync(file);
    }
  }

  /** From now on nothing can be written to it, not even by root. */
  makeReadOnly(): void {
    execFileSync('mount', ['-o', 'remount,ro', this.path], { stdio: 'pipe' });
  }

  [Symbol.dispose](): void {
    execFileSync('umount', ['--lazy', this.path], { stdio: 'pipe' });
  }
}

/** Why no disk can be made here, for a test that is left out; false where it can. */
export function noSmallDisk(): string | false {
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'npl-small-disk', '/mnt'], { stdio: 'pipe' });
    return process.getuid?.() === 0 ? false : 'only root may mount a disk of its own';
  } catch {
    return 'this machine does not let a test mount a disk of its own (run it as root, with CAP_SYS_ADMIN)';
  }
}
