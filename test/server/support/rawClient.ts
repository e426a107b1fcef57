import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StreamMessageReader, StreamMessageWriter, type Message } from 'vscode-languageserver/node';
import * as z from 'zod';

import { v8Flags } from '../../support/v8Flags.ts';
import { server } from './editor.ts';

const incoming = z.looseObject({
  id: z.union([z.number(), z.string(), z.null()]).optional(),
  method: z.string().optional(),
  params: z.unknown().optional(),
  result: z.unknown().optional(),
  error: z.object({ code: z.number(), message: z.string() }).optional(),
});

export type Incoming = z.output<typeof incoming>;

/** A message that need not be what the protocol allows. */
interface Outgoing extends Message {
  readonly id?: number;
  readonly method?: unknown;
  readonly params?: unknown;
  readonly result?: unknown;
}

/** Half the runner's limit of a test: it only makes what hangs say what the server said. */
const patienceMs = 300_000;

/** A client that sends what it is told to, without a look at it. */
export class RawClient implements AsyncDisposable {
  readonly process: ChildProcessWithoutNullStreams;
  readonly received: Incoming[] = [];
  /** What the server says of its own faults. */
  stderr = '';
  readonly #writer: StreamMessageWriter;
  readonly #waiting = new Set<() => void>();
  readonly #cache = mkdtempSync(join(tmpdir(), 'npl-cache-'));
  #lastId = 0;

  constructor(env: NodeJS.ProcessEnv = process.env) {
    this.process = spawn(process.execPath, [...v8Flags, server, '--stdio'], {
      env: { XDG_CACHE_HOME: this.#cache, ...env },
    });
    this.process.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.process.stdin.on('error', () => undefined);
    this.#writer = new StreamMessageWriter(this.process.stdin);
    const reader = new StreamMessageReader(this.process.stdout);
    // The reader looks after half a message every ten seconds for ever, also where the rest can never come:
    // this process would never end.
    reader.partialMessageTimeout = 0;
    reader.listen((message) => {
      const got = incoming.parse(message);
      this.received.push(got);
      // What the server asks of a client is answered as by one that has nothing to say.
      if (got.method !== undefined && typeof got.id === 'number') void this.#answer(got.id);
      for (const check of [...this.#waiting]) check();
    });
    this.process.once('exit', () => {
      for (const check of [...this.#waiting]) check();
    });
  }

  /** Waits for a message; fails where the server ends before, or is silent for long. */
  until(what: string, wanted: (message: Incoming) => boolean): Promise<Incoming> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(check);
      };
      const check = (): void => {
        const found = this.received.find(wanted);
        if (found) {
          stop();
          resolve(found);
        } else if (this.process.exitCode !== null || this.process.signalCode !== null) {
          stop();
          reject(new Error(`The server ended before ${what} came.\n${this.stderr}`));
        }
      };
      const timer = setTimeout(() => {
        stop();
        reject(new Error(`${what} never came.\n${this.stderr}`));
      }, patienceMs);
      this.#waiting.add(check);
      check();
    });
  }

  /** Sends a request; the answer, or the error, once it is there. */
  async request(method: string, ...params: readonly unknown[]): Promise<Incoming> {
    const id = (this.#lastId += 1);
    await this.send({ jsonrpc: '2.0', id, method, ...(params.length > 0 && { params: params[0] }) });
    const name = `The answer to ${method} with ${JSON.stringify(params)}`;
    return this.until(name, (message) => message.id === id && message.method === undefined);
  }

  async notify(method: string, ...params: readonly unknown[]): Promise<void> {
    await this.send({ jsonrpc: '2.0', method, ...(params.length > 0 && { params: params[0] }) });
  }

  send(message: Outgoing): Promise<void> {
    return this.#writer.write(message);
  }

  #answer(id: number): Promise<void> {
    return this.send({ jsonrpc: '2.0', id, result: null });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const ended = once(this.process, 'exit');
      await this.request('shutdown');
      await this.notify('exit');
      await ended;
    }
    rmSync(this.#cache, { recursive: true, force: true });
  }
}
