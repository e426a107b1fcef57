import { execa } from 'execa';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { longestTimer, timedOut } from './deadline.ts';
import { NixFailure } from './failure.ts';
import type { NixFailureDetails, NixFailureReason } from './failure.ts';
import type { NixInstallation, NixProgram } from './installation.ts';
import { LineSplitter } from './lineSplitter.ts';
import { decodeMessage, decodeRawLine, plainError } from './messages.ts';
import { MessageLog } from './messageLog.ts';
import type { NixErrorMessage, NixMessage } from './messages.ts';
import { MemoryBudget } from './process/memoryBudget.ts';
import { heldStart, letGo } from './process/heldStart.ts';
import { setPriorityOf } from './process/priority.ts';
import { nixCommand, type CommandOptions } from './process/nixCommand.ts';
import { endGroup, unwatchGroup, watchGroup } from './process/processGroups.ts';

export interface ProcessOptions extends Pick<CommandOptions, 'env' | 'network'> {
  /** Working directory; the server's own where it is left out. */
  readonly cwd?: string;
  /** Ends the run and everything that it started. */
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** What the process may use together with all that it starts. */
  readonly memoryLimitMiB?: number;
  /** Instead of a limit of its own: what it shares with the other processes of a run. */
  readonly memory?: MemoryBudget;
  /** It is ended before others where the memory does not do for all; `false` where it is left out. */
  readonly givesWay?: boolean;
  /** A program that prints more than this on stdout or stderr does not end: 256 where it is left out. */
  readonly outputLimitMiB?: number;
  /**
   * `raw`: Nix prints text instead of records, which costs a third for each
   * trace; errors then come without positions.
   */
  readonly logFormat?: 'internal-json' | 'raw';
  /** What the traces begin with that are wanted, all of them; of others only the last are kept. */
  readonly reportMark?: string;
  /** Called for each message while Nix runs. */
  readonly onMessage?: (message: NixMessage) => void;
}

export interface NixResult {
  readonly stdout: string;
  /** The last messages, in order. */
  readonly messages: readonly NixMessage[];
  /** Those that begin with the mark, in the order of their first time, each once; without a mark the last ones. */
  readonly traces: readonly string[];
}

const mebibyte = 1024 * 1024;
/** Texts of the garbage collector and of the C++ library when memory runs out. */
const outOfMemoryPattern = /out of memory|std::bad_alloc|cannot allocate memory|too many heap sections/i;

/**
 * Runs a program of Nix with an array of arguments, without a shell, with stdin
 * closed, in a process group of its own, which ends with the run.
 *
 * @throws NixFailure where it gives no result.
 */
export async function runNix(
  installation: NixInstallation,
  program: NixProgram,
  args: readonly string[],
  options: ProcessOptions = {},
): Promise<NixResult> {
  for (let left = mostTries; ; left--) {
    try {
      return await runOnce(installation, program, args, options);
    } catch (error) {
      if (left <= 1 || options.signal?.aborted || !isBusy(error)) throw error;
      await delay(busyMs);
    }
  }
}

/** So often a store is asked whose database another Nix of ours is just making: the first evaluations of all. */
const mostTries = 5;
const busyMs = 100;

function isBusy(error: unknown): boolean {
  return error instanceof NixFailure && /SQLite database '[^']*' is busy/.test(error.message);
}

async function runOnce(
  installation: NixInstallation,
  program: NixProgram,
  args: readonly string[],
  options: ProcessOptions,
): Promise<NixResult> {
  const command = installation.commands[program];
  if (command === undefined) {
    throw new NixFailure(
      'missing-command',
      `This Nix ${installation.version} comes without its program ${program}.`,
    );
  }
  const memory = options.memory ?? ownBudget(options);
  const logFormat = options.logFormat ?? 'internal-json';
  const start = await nixCommand(command, ['--log-format', logFormat, ...args], {
    ...(options.env && { env: options.env }),
    ...(options.network && { network: options.network }),
    ...(memory && { heapLimitMiB: memory.limit }),
  });
  if (options.signal?.aborted) throw new NixFailure('aborted', 'The evaluation was cancelled.');

  const outputLimit = (options.outputLimitMiB ?? 256) * mebibyte;
  const log = new MessageLog(options.reportMark);
  let ended: NixFailureReason | undefined;
  let force: (() => void) | undefined;

  const decode = logFormat === 'raw' ? decodeRawLine : decodeMessage;
  const held = heldStart(start, 'empty');
  const subprocess = execa(held.program, held.args, {
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    env: start.env,
    detached: true,
    stdin: 'pipe',
    buffer: false,
    reject: false,
  });
  const leader = subprocess.pid;
  let hasExited = false;
  const finish = () => {
    force?.();
    // A process that has left the group, such as a builder, may hold them open still.
    subprocess.stdout.destroy();
    subprocess.stderr.destroy();
  };
  const end = (reason: NixFailureReason) => {
    if (ended !== undefined || leader === undefined) return;
    ended = reason;
    force = endGroup(leader);
    if (hasExited) finish();
  };
  if (leader !== undefined) {
    watchGroup(leader);
    setPriorityOf(leader, () => !hasExited);
  }
  // That it has ended already is told by its exit.
  subprocess.stdin.on('error', () => undefined);
  letGo(subprocess.stdin);
  subprocess.stdin.end();
  let tooMuch: string | undefined;
  const endForMemory = (why: string) => {
    tooMuch ??= why;
    end('out-of-memory');
  };
  const counting = leader === undefined ? undefined : memory?.count(leader, endForMemory, options.givesWay);
  subprocess.once('exit', () => {
    hasExited = true;
    if (ended !== undefined) finish();
  });

  const lines = new LineSplitter((line) => {
    if (ended !== undefined) return;
    const message = decode(line);
    if (message === undefined) return;
    if (!log.add(message)) end('too-much-output');
    options.onMessage?.(message);
  });
  const output: Buffer[] = [];
  const takeFrom = (stream: Readable, take: (chunk: Buffer) => void) => {
    let printed = 0;
    stream.on('data', (chunk: Buffer) => {
      printed += chunk.length;
      if (printed > outputLimit) end('too-much-output');
      else take(chunk);
    });
  };
  takeFrom(subprocess.stdout, (chunk) => output.push(chunk));
  takeFrom(subprocess.stderr, (chunk) => lines.push(chunk));

  const abort = () => end('aborted');
  options.signal?.addEventListener('abort', abort, { once: true });
  const timer =
    options.timeoutMs === undefined
      ? undefined
      : setTimeout(() => end('timeout'), Math.min(options.timeoutMs, longestTimer));
  try {
    const result = await subprocess;
    lines.end();
    if (ended === undefined && !result.failed) {
      const stdout = Buffer.concat(output).toString('utf8');
      return { stdout, messages: log.others, traces: log.traces };
    }
    throw failureOf(ended, result, log, options, tooMuch ?? limitOf(memory));
  } finally {
    counting?.[Symbol.dispose]();
    if (leader !== undefined) unwatchGroup(leader);
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', abort);
  }
}

function ownBudget({ memoryLimitMiB }: ProcessOptions): MemoryBudget | undefined {
  return memoryLimitMiB === undefined ? undefined : new MemoryBudget(memoryLimitMiB);
}

/** What execa tells of a run that failed. */
interface Outcome {
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly code?: string | undefined;
  readonly originalMessage?: string | undefined;
  readonly cause?: unknown;
}

function failureOf(
  ended: NixFailureReason | undefined,
  outcome: Outcome,
  log: MessageLog,
  options: ProcessOptions,
  memoryLimit: string | undefined,
): NixFailure {
  const errors = errorsIn(log);
  const isOffline = options.network !== 'allowed';
  const details = {
    errors,
    exitCode: outcome.exitCode,
    stderrTail: tailOf(log),
    cause: outcome.cause,
    isOffline,
  };
  switch (ended) {
    case 'aborted':
      return new NixFailure(ended, 'The evaluation was cancelled.', details);
    case 'timeout':
      return timedOut(options.timeoutMs ?? 0, details);
    case 'too-much-output':
      return new NixFailure(ended, `Nix printed more than ${options.outputLimitMiB ?? 256} MiB.`, details);
    case 'out-of-memory':
      return outOfMemory(memoryLimit, details);
    default:
  }
  if (outcome.code === 'ENOENT' || outcome.code === 'EACCES') {
    return new NixFailure(
      'missing-command',
      `Nix could not be started: ${outcome.originalMessage ?? outcome.code}.`,
      details,
    );
  }
  if (outOfMemoryPattern.test(details.stderrTail) || outcome.signal === 'SIGKILL') {
    return outOfMemory(memoryLimit, details);
  }
  // Of `unshare` and of shells (POSIX, "Exit Status for Commands"); no program of Nix ends so.
  if (outcome.exitCode === 126 || outcome.exitCode === 127) {
    const why = details.stderrTail.split('\n')[0] ?? '';
    return new NixFailure(
      'missing-command',
      `Nix could not be started: ${why || 'it is no program'}.`,
      details,
    );
  }
  const last = errors.at(-1);
  if (last) return new NixFailure('evaluation', last.message, details);
  const how =
    outcome.signal === undefined
      ? `with exit status ${outcome.exitCode ?? 'unknown'}`
      : `by ${outcome.signal}`;
  return new NixFailure('crashed', `Nix ended ${how} and did not say why.`, details);
}

function outOfMemory(limit: string | undefined, details: NixFailureDetails): NixFailure {
  const why = limit === undefined ? '' : ` (${limit})`;
  return new NixFailure('out-of-memory', `Nix ran out of memory${why}.`, details);
}

/** Nix itself ended for it: what it knows of is the limit of its heap. */
function limitOf(memory: MemoryBudget | undefined): string | undefined {
  return memory && `its limit is ${memory.limit} MiB`;
}

/** Records of errors; without one, what was printed as an error by other means. */
function errorsIn({ errors, others }: MessageLog): readonly NixErrorMessage[] {
  if (errors.length > 0) return errors;
  const text = others.flatMap((message) => (message.kind === 'plain' ? [message.text] : []));
  const start = text.findIndex((line) => /^\s*error:/.test(line));
  return start === -1 ? [] : [plainError(text.slice(start).join('\n').trimStart())];
}

const tailLines = 20;

function tailOf({ errors, others }: MessageLog): string {
  const told = others.filter(({ kind }) => kind !== 'trace' && kind !== 'info');
  const lines = [...told.map(({ text }) => text), ...errors.map(({ fullText }) => fullText)];
  return lines.slice(-tailLines).join('\n').slice(-8000);
}
