import { execFileSync, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { dirname } from 'node:path';

/** Puts a FIFO, to which nobody ever writes, where a file may be. */
export function makeFifo(path: string): string {
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true });
  execFileSync('mkfifo', [path]);
  return path;
}

/** What is no regular file, by name: each puts such a thing at a path. */
export const noFiles: Readonly<Record<string, (path: string) => void>> = {
  'a FIFO': makeFifo,
  'a link to a FIFO': (path) => symlinkSync(makeFifo(`${path}.fifo`), path),
  'an endless device': (path) => symlinkSync('/dev/zero', path),
  'a folder': (path) => mkdirSync(path),
};

/** Puts a socket at a path, on which somebody listens. */
export async function makeSocket(path: string): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return server;
}

/** Somebody who reads from a FIFO to its end. */
export function readFifo(path: string): ChildProcessWithoutNullStreams {
  return spawn('cat', [path]);
}
