import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';

import type { NixFolder } from './nixFolder.ts';
import { processesWith, until } from './nixProcesses.ts';

/** A store of the test's own that only its daemon reads and writes. */
export class NixDaemon implements AsyncDisposable {
  readonly #folder: NixFolder;
  #process: ChildProcess | undefined;

  constructor(folder: NixFolder) {
    this.#folder = folder;
  }

  get socket(): string {
    return this.#folder.file('daemon.socket');
  }

  /** Where programs of Nix find the store; they ask the daemon if `NIX_REMOTE` says so. */
  get env(): Record<string, string> {
    return {
      NIX_STORE_DIR: this.#folder.file('store'),
      NIX_STATE_DIR: this.#folder.file('state'),
      NIX_LOG_DIR: this.#folder.file('log'),
      NIX_DAEMON_SOCKET_PATH: this.socket,
    };
  }

  get #mark(): string {
    return `NPL_DAEMON=${this.#folder.path}`;
  }

  async start(): Promise<void> {
    const env = { ...process.env, ...this.env, NIX_REMOTE: 'local', NPL_DAEMON: this.#folder.path };
    this.#process = spawn('nix-daemon', [], { env, stdio: 'ignore' });
    await until('the daemon listens', () => existsSync(this.socket));
  }

  /** By force, with the processes that serve its clients. */
  async kill(): Promise<void> {
    const daemon = this.#process;
    if (daemon?.exitCode !== null || daemon.signalCode !== null) return;
    const ended = once(daemon, 'exit');
    for (const id of processesWith(this.#mark)) process.kill(id, 'SIGKILL');
    await ended;
    await until('the daemon is gone', () => processesWith(this.#mark).length === 0);
    rmSync(this.socket, { force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }
}
