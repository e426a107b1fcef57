import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { settledOrAborted } from '../../model/settledOrAborted.ts';
import type { EvaluationArguments } from '../../model/target.ts';
import { evaluationArguments, type EvaluateOptions } from '../evaluate.ts';
import { NixFailure } from '../failure.ts';
import { noFlakeConfig } from '../flakeMetadata.ts';
import type { NixInstallation } from '../installation.ts';
import { nixCommand } from '../process/nixCommand.ts';
import { memoryOfTrees } from '../process/processMemory.ts';
import { makeTemporaryDirectory, type TemporaryDirectory } from '../process/temporaryDirectory.ts';
import { askText, WarmProcess } from './warmProcess.ts';

/** What a warm Nix is started with: the same as any other evaluation. */
export interface WarmOptions extends Pick<EvaluateOptions, 'evaluateAs' | 'allowImportFromDerivation'> {
  readonly cwd: string;
  /** `include` and `option` of them; arguments of a function are part of a query. */
  readonly arguments?: EvaluationArguments;
  /** More than this, and it starts anew before the next query; 2,048 where it is left out. */
  readonly memoryLimitMiB?: number;
  /** It ends when nobody has asked for so long; 10 minutes where it is left out. */
  readonly idleMs?: number;
}

/** Whose answer is waited for. */
export interface QueryOptions {
  readonly signal?: AbortSignal;
  /** 10 s where it is left out. */
  readonly timeoutMs?: number;
}

const minute = 60_000;
const outputLimitMiB = 64;
/** Nix takes 384 MiB of address space at its start, and crashes where it may not. */
const smallestHeapMiB = 1024;

/**
 * A Nix that stays, with all package sets that it has evaluated. Queries are
 * answered one after the other. It is started by the first query, and again by
 * the next one after it has died, has grown too large, or has read what is no
 * longer so; its files are imported by path, so that values outlive queries.
 */
export class WarmNix implements AsyncDisposable {
  readonly #nix: NixInstallation;
  readonly #options: WarmOptions;
  readonly #directory: TemporaryDirectory;
  readonly #defined = new Map<string, Promise<string>>();
  readonly #loaded = new Set<string>();
  #process: WarmProcess | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #queries = 0;
  #stale = false;
  #disposed = false;
  #idle: NodeJS.Timeout | undefined;

  constructor(nix: NixInstallation, options: WarmOptions) {
    this.#nix = nix;
    this.#options = options;
    this.#directory = makeTemporaryDirectory();
    writeFileSync(this.#file('ask.nix'), askText);
  }

  /** Undefined while it is not running. */
  get processId(): number | undefined {
    return this.#process?.isAlive ? this.#process.id : undefined;
  }

  /**
   * Evaluates an expression strictly to the value of its JSON.
   *
   * @throws NixFailure
   */
  query(expression: string, { signal, timeoutMs = 10_000 }: QueryOptions = {}): Promise<unknown> {
    this.#waiting += 1;
    clearTimeout(this.#idle);
    const answer = this.#queue.then(() => this.#answer(expression, signal, timeoutMs));
    this.#queue = answer.then(
      () => this.#rest(),
      () => this.#rest(),
    );
    return signal ? unlessCancelled(answer, signal) : answer;
  }

  /**
   * A file with an expression, for queries to import: the same text is the same
   * file, whose value is evaluated once.
   *
   * @returns its absolute path
   */
  define(expression: string): Promise<string> {
    if (this.#disposed) return Promise.reject(cancelled());
    const hash = createHash('sha256').update(expression).digest('hex').slice(0, 32);
    const known = this.#defined.get(hash);
    if (known) return known;
    const file = this.#file(`${hash}.nix`);
    const written = writeFile(file, expression).then(() => file);
    this.#defined.set(hash, written);
    // What could not be written is written again by the next one who wants it.
    written.catch(() => {
      if (this.#defined.get(hash) === written) this.#defined.delete(hash);
    });
    return written;
  }

  /** What was read may have changed: the next query starts with nothing in memory. */
  invalidate(): void {
    this.#stale = true;
  }

  /** {@link invalidate} where that file has been read. */
  fileChanged(file: string): void {
    if (this.#loaded.has(file)) this.invalidate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    clearTimeout(this.#idle);
    const last = this.#process;
    last?.end('aborted', 'The evaluation was cancelled.');
    await last?.exited;
    await this.#queue;
    await this.#directory[Symbol.asyncDispose]();
  }

  #file(name: string): string {
    return join(this.#directory.path, name);
  }

  async #answer(expression: string, signal: AbortSignal | undefined, timeoutMs: number): Promise<unknown> {
    if (signal?.aborted || this.#disposed) throw cancelled();
    const process = await this.#ready();
    this.#queries += 1;
    const file = this.#file(`query-${this.#queries}.nix`);
    await writeFile(file, expression);
    const abort = (): void => process.end('aborted', 'The evaluation was cancelled.');
    if (this.#isCancelled(signal)) throw cancelled();
    signal?.addEventListener('abort', abort, { once: true });
    const timer = setTimeout(
      () => process.end('timeout', `Nix did not finish within ${timeoutMs / 1000} s.`),
      timeoutMs,
    );
    const weighing = setInterval(() => void this.#weigh(process, 2), 500);
    try {
      return parseAnswer(await process.ask(file));
    } finally {
      clearTimeout(timer);
      clearInterval(weighing);
      signal?.removeEventListener('abort', abort);
      // Nix has read it, and never reads it again.
      await rm(file, { force: true });
    }
  }

  #isCancelled(signal: AbortSignal | undefined): boolean {
    return this.#disposed || (signal?.aborted ?? false);
  }

  async #ready(): Promise<WarmProcess> {
    const before = this.#process;
    if (before?.isAlive && !this.#stale) return before;
    before?.end('aborted', 'The evaluation was cancelled.');
    await before?.exited;
    if (this.#disposed) throw cancelled();
    this.#stale = false;
    this.#loaded.clear();
    const command = this.#nix.commands.nix;
    if (command === undefined)
      throw new NixFailure('missing-command', `This Nix ${this.#nix.version} comes without its program nix.`);
    const { arguments: given, cwd } = this.#options;
    const args = [
      // "evaluating file" is told from this verbosity on.
      ...['repl', '--log-format', 'internal-json', '--verbose'],
      ...['--extra-experimental-features', 'nix-command flakes'],
      ...evaluationArguments(given && { ...given, arg: [], argstr: [] }, this.#options),
      ...noFlakeConfig,
    ];
    const heapLimitMiB = Math.max(this.#memoryLimit * 2, smallestHeapMiB);
    // Without a terminal's abilities there is less to print.
    const start = await nixCommand(command, args, { env: { TERM: 'dumb' }, heapLimitMiB });
    if (this.#isCancelled(undefined)) throw cancelled();
    return (this.#process = new WarmProcess({
      start,
      cwd,
      askFile: this.#file('ask.nix'),
      outputLimitMiB,
      mayBuild: this.#options.allowImportFromDerivation ?? false,
      onLoad: (file) => this.#loaded.add(file),
    }));
  }

  async #rest(): Promise<void> {
    this.#waiting -= 1;
    if (this.#process) await this.#weigh(this.#process, 1);
    if (this.#waiting > 0 || this.#disposed) return;
    this.#idle = setTimeout(() => void this.#sleep(), this.#options.idleMs ?? 10 * minute);
    this.#idle.unref();
  }

  /** Nobody asked for long: neither memory nor files are kept. */
  async #sleep(): Promise<void> {
    this.#process?.end('aborted', 'Nobody asked for long.');
    const files = [...this.#defined.values()];
    this.#defined.clear();
    for (const file of await Promise.allSettled(files))
      if (file.status === 'fulfilled') await rm(file.value, { force: true });
  }

  /** A query may take more than the limit for a while: then the process is only not used again. */
  async #weigh(process: WarmProcess, times: number): Promise<void> {
    if (process.id === undefined || !process.isAlive) return;
    const memory = await memoryOfTrees([process.id]);
    if (memory > this.#memoryLimit * times)
      process.end('out-of-memory', `Nix used more than ${this.#memoryLimit * times} MiB of memory.`);
  }

  get #memoryLimit(): number {
    return this.#options.memoryLimitMiB ?? 2048;
  }
}

/** A query that is cancelled while it waits for others is answered at once. */
async function unlessCancelled(answer: Promise<unknown>, signal: AbortSignal): Promise<unknown> {
  await settledOrAborted(answer, signal);
  if (signal.aborted) throw cancelled();
  return answer;
}

function cancelled(): NixFailure {
  return new NixFailure('aborted', 'The evaluation was cancelled.');
}

function parseAnswer(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new NixFailure('crashed', `Nix printed no JSON: ${json.slice(0, 200)}`, { cause });
  }
}
