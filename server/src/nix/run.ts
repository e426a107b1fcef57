import { execa } from 'execa';
import type { Readable } from 'node:stream';
import { NixFailure } from './failure.ts';
import type { NixFailureReason } from './failure.ts';
import type { NixInstallation, NixProgram } from './installation.ts';
import { LineSplitter } from './lineSplitter.ts';
import { decodeMessage, decodeRawLine, plainError } from './messages.ts';
import type { NixErrorMessage, NixMessage } from './messages.ts';
import { ownPrograms } from './ownPrograms.ts';
import { endGroup, unwatchGroup, watchGroup } from './processGroups.ts';

export interface ProcessOptions {
  /** Working directory; the server's own where it is left out. */
  readonly cwd?: string;
  /** Added to the server's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Ends the run and everything that it started. */
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** Upper limit of the evaluator's heap (`GC_MAXIMUM_HEAP_SIZE` of its garbage collector). */
  readonly memoryLimitMiB?: number;
  /** A program that prints more than this on stdout or stderr does not end: 256 where it is left out. */
  readonly outputLimitMiB?: number;
  /**
   * `raw`: Nix prints text instead of records, which costs a third for each
   * trace; errors then come without positions.
   */
  readonly logFormat?: 'internal-json' | 'raw';
  /** Called for each message while Nix runs; the result holds them all the same. */
  readonly onMessage?: (message: NixMessage) => void;
}

export interface NixResult {
  readonly stdout: string;
  readonly messages: readonly NixMessage[];
}

const mebibyte = 1024 * 1024;
/** What a timer can hold, in milliseconds; a longer one would fire at once. */
const longestTimer = 2 ** 31 - 1;

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
  const command = installation.commands[program];
  if (command === undefined) {
    throw new NixFailure(
      'missing-command',
      `This Nix ${installation.version} comes without its program ${program}.`,
    );
  }
  if (options.signal?.aborted) throw new NixFailure('aborted', 'The evaluation was cancelled.');

  const outputLimit = (options.outputLimitMiB ?? 256) * mebibyte;
  const messages: NixMessage[] = [];
  let ended: NixFailureReason | undefined;
  let force: (() => void) | undefined;

  const logFormat = options.logFormat ?? 'internal-json';
  const decode = logFormat === 'raw' ? decodeRawLine : decodeMessage;
  const subprocess = execa(command, ['--log-format', logFormat, ...args], {
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    env: {
      ...ownPrograms(),
      ...options.env,
      ...(options.memoryLimitMiB !== undefined && {
        GC_MAXIMUM_HEAP_SIZE: String(options.memoryLimitMiB * mebibyte),
      }),
    },
    detached: true,
    stdin: 'ignore',
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
  if (leader !== undefined) watchGroup(leader);
  subprocess.once('exit', () => {
    hasExited = true;
    if (ended !== undefined) finish();
  });

  const lines = new LineSplitter((line) => {
    if (ended !== undefined) return;
    const message = decode(line);
    if (message === undefined) return;
    messages.push(message);
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
      return { stdout: Buffer.concat(output).toString('utf8'), messages };
    }
    throw failureOf(ended, result, messages, options);
  } finally {
    if (leader !== undefined) unwatchGroup(leader);
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', abort);
  }
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
  messages: readonly NixMessage[],
  options: ProcessOptions,
): NixFailure {
  const errors = errorsIn(messages);
  const details = { errors, exitCode: outcome.exitCode, stderrTail: tailOf(messages), cause: outcome.cause };
  switch (ended) {
    case 'aborted':
      return new NixFailure(ended, 'The evaluation was cancelled.', details);
    case 'timeout':
      return new NixFailure(
        ended,
        `Nix did not finish within ${(options.timeoutMs ?? 0) / 1000} s.`,
        details,
      );
    case 'too-much-output':
      return new NixFailure(ended, `Nix printed more than ${options.outputLimitMiB ?? 256} MiB.`, details);
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
    const limit = options.memoryLimitMiB === undefined ? '' : ` (its limit is ${options.memoryLimitMiB} MiB)`;
    return new NixFailure('out-of-memory', `Nix ran out of memory${limit}.`, details);
  }
  const last = errors.at(-1);
  if (last) return new NixFailure('evaluation', last.message, details);
  const how =
    outcome.signal === undefined
      ? `with exit status ${outcome.exitCode ?? 'unknown'}`
      : `by ${outcome.signal}`;
  return new NixFailure('crashed', `Nix ended ${how} and did not say why.`, details);
}

/** Records of errors; without one, what was printed as an error by other means. */
function errorsIn(messages: readonly NixMessage[]): readonly NixErrorMessage[] {
  const records = messages.filter((message) => message.kind === 'error');
  if (records.length > 0) return records;
  const text = messages.flatMap((message) => (message.kind === 'plain' ? [message.text] : []));
  const start = text.findIndex((line) => /^\s*error:/.test(line));
  return start === -1 ? [] : [plainError(text.slice(start).join('\n').trimStart())];
}

const tailLines = 20;

function tailOf(messages: readonly NixMessage[]): string {
  const lines: string[] = [];
  for (let index = messages.length - 1; index >= 0 && lines.length < tailLines; index--) {
    const message = messages[index];
    if (message === undefined || message.kind === 'trace' || message.kind === 'info') continue;
    lines.unshift(message.kind === 'error' ? message.fullText : message.text);
  }
  return lines.join('\n').slice(-8000);
}
