import { writeFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { settledOrAborted } from '../../model/settledOrAborted.ts';
import type { EvaluationArguments } from '../../model/target.ts';
import { evaluationArguments, type EvaluateOptions } from '../evaluate.ts';
import { NixFailure } from '../failure.ts';
import { noFlakeConfig } from '../flakeMetadata.ts';
import type { NixInstallation } from '../installation.ts';
import { MessageLog } from '../messageLog.ts';
import { pathExpression } from '../pathExpressions.ts';
import type { MemoryBudget } from '../process/memoryBudget.ts';
import { nixCommand } from '../process/nixCommand.ts';
import { setPriorityOf } from '../process/priority.ts';
import { makeTemporaryDirectory, type TemporaryDirectory } from '../process/temporaryDirectory.ts';
import { askText, WarmProcess } from './warmProcess.ts';

/** What a kept Nix is started with: the same as any other evaluation. */
export interface KeptOptions extends Pick<EvaluateOptions, 'evaluateAs' | 'allowImportFromDerivation'> {
  readonly cwd: string;
  /** `include` and `option` of them; arguments of a function are part of what is evaluated. */
  readonly arguments?: EvaluationArguments;
  /** With what its memory is counted. It gives way: whatever it is asked, another Nix can tell. */
  readonly memory: MemoryBudget;
}

/** The .drv path of a root with the reports on the way to it, in the order of their first time, each once. */
export interface KeptRoot {
  readonly drvPath: unknown;
  /** An absolute path; for this Nix its value is the one that was evaluated. */
  readonly file: string;
  readonly traces: readonly string[];
}

const outputLimitMiB = 256;
/** Nix takes 384 MiB of address space at its start, and crashes where it may not. */
const smallestHeapMiB = 1024;
/** Each collection looks at all that stays: a third of the time of what is evaluated later. */
const rareCollections = { GC_FREE_SPACE_DIVISOR: '1' };
const ampleMemoryMiB = 4096;
/**
 * Who waits for longer than this part of the first evaluation is sooner done with
 * a Nix of their own: their own evaluation takes as long again as the one before it.
 */
const longestWait = 1 / 2;

/**
 * A Nix that stays for the evaluations of one target in one state of its files:
 * what it has read and evaluated once, it knows. It writes derivations to the
 * store. Where it is gone, it stays so: it answers nothing that another Nix could
 * not tell.
 */
export class KeptNix implements AsyncDisposable {
  /**
   * The file of what gave the root of the plain evaluation: until it is set,
   * nobody takes its word for anything.
   */
  confirmed: string | undefined;
  readonly #process: WarmProcess;
  readonly #directory: TemporaryDirectory;
  readonly #counting: Disposable | undefined;
  #log = new MessageLog(undefined);
  #queue: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #asked = 0;
  /** In milliseconds: how long the first evaluation took, and the last one after it. */
  #first: number | undefined;
  #later: number | undefined;

  /** @throws NixFailure where it cannot be started */
  static async start(nix: NixInstallation, options: KeptOptions): Promise<KeptNix> {
    const command = nix.commands.nix;
    if (command === undefined)
      throw new NixFailure('missing-command', `This Nix ${nix.version} comes without its program nix.`);
    const { arguments: given, memory } = options;
    const args = [
      ...['repl', '--log-format', 'raw'],
      ...['--extra-experimental-features', 'nix-command flakes'],
      ...evaluationArguments(given && { ...given, arg: [], argstr: [] }, options),
      ...noFlakeConfig,
    ];
    const heapLimitMiB = Math.max(memory.limit, smallestHeapMiB);
    // Without a terminal's abilities there is less to print.
    const env = { TERM: 'dumb', ...(memory.limit >= ampleMemoryMiB && rareCollections) };
    const start = await nixCommand(command, args, { env, heapLimitMiB });
    return new KeptNix(start, options);
  }

  private constructor(
    start: Awaited<ReturnType<typeof nixCommand>>,
    { cwd, memory, allowImportFromDerivation = false }: KeptOptions,
  ) {
    this.#directory = makeTemporaryDirectory();
    const askFile = join(this.#directory.path, 'ask.nix');
    writeFileSync(askFile, askText);
    this.#process = new WarmProcess({
      start,
      cwd,
      askFile,
      outputLimitMiB,
      mayBuild: allowImportFromDerivation,
      logFormat: 'raw',
      onTrace: (trace) => {
        if (!this.#log.add(trace)) this.#process.end('too-much-output', 'Nix told too much.');
      },
    });
    const { id } = this.#process;
    if (id === undefined) return;
    setPriorityOf(id, () => this.isAlive);
    this.#counting = memory.count(
      id,
      (why) => this.#process.end('out-of-memory', `Nix ran out of memory (${why}).`),
      true,
    );
  }

  get isAlive(): boolean {
    return this.#process.isAlive;
  }

  /** Somebody waits for an answer, or it was not asked yet. */
  get isBusy(): boolean {
    return this.#waiting > 0 || this.#first === undefined;
  }

  /**
   * Evaluates the `drvPath` of an expression, after those that were asked before.
   *
   * @param mark what the wanted traces begin with
   * @returns undefined where others are before it for so long that another Nix has it sooner
   * @throws NixFailure
   */
  async evaluate(expression: string, mark: string, signal: AbortSignal): Promise<KeptRoot | undefined> {
    if (this.#waiting > 0 && !(await this.#isSoonFree(signal))) return undefined;
    this.#waiting += 1;
    const answer = this.#queue.then(() => this.#ask(expression, mark, signal));
    this.#queue = answer.then(
      () => undefined,
      () => undefined,
    );
    try {
      return await answer;
    } finally {
      this.#waiting -= 1;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.end('aborted', 'The evaluation was cancelled.');
    await this.#process.exited;
    await this.#queue;
    this.#counting?.[Symbol.dispose]();
    await this.#directory[Symbol.asyncDispose]();
  }

  async #isSoonFree(signal: AbortSignal): Promise<boolean> {
    if (this.#first === undefined) return false;
    const patience = this.#first * longestWait;
    // It took long before, and it will again.
    if (this.#later !== undefined && this.#later > patience) return false;
    return settlesWithin(this.#queue, patience, signal);
  }

  async #ask(expression: string, mark: string, signal: AbortSignal): Promise<KeptRoot> {
    const abort = (): void => this.#process.end('aborted', 'The evaluation was cancelled.');
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    this.#asked += 1;
    const file = join(this.#directory.path, `root-${this.#asked}.nix`);
    const asked = join(this.#directory.path, `asked-${this.#asked}.nix`);
    const log = new MessageLog(mark);
    this.#log = log;
    const started = performance.now();
    try {
      await writeFile(file, expression);
      await writeFile(asked, `(import ${pathExpression(file)}).drvPath`);
      const drvPath = parseAnswer(await this.#process.ask(asked));
      return { drvPath, file, traces: log.traces };
    } finally {
      const took = performance.now() - started;
      if (this.#first === undefined) this.#first = took;
      else this.#later = took;
      signal.removeEventListener('abort', abort);
      await rm(asked, { force: true });
    }
  }
}

async function settlesWithin(
  work: Promise<unknown>,
  milliseconds: number,
  signal: AbortSignal,
): Promise<boolean> {
  const stopped = new AbortController();
  const timer = setTimeout(() => stopped.abort(), milliseconds);
  const done = work.then(() => true);
  await settledOrAborted(done, AbortSignal.any([signal, stopped.signal]));
  clearTimeout(timer);
  return !signal.aborted && !stopped.signal.aborted;
}

function parseAnswer(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new NixFailure('crashed', `Nix printed no JSON: ${json.slice(0, 200)}`, { cause });
  }
}
