import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { NixFailure, type NixFailureReason } from '../failure.ts';
import { LineSplitter } from '../lineSplitter.ts';
import { decodeMessage, decodeRawLine, printedError } from '../messages.ts';
import type { NixErrorMessage, NixMessage } from '../messages.ts';
import { nixString } from '../nixString.ts';
import { heldStart, letGo } from '../process/heldStart.ts';
import type { Command } from '../process/nixCommand.ts';
import { endGroup, unwatchGroup, watchGroup } from '../process/processGroups.ts';

/** What a query has printed so far. */
interface Question {
  /** Begins the answer. */
  readonly answer: string;
  /** Ends the question; another word, for it stands in the pipe while the program runs. */
  readonly end: string;
  readonly resolve: (json: string) => void;
  readonly reject: (failure: NixFailure) => void;
  readonly errors: NixErrorMessage[];
  json?: string;
}

/** How a `nix repl` is started. */
export interface WarmCommand {
  readonly start: Command;
  readonly cwd: string;
  /** The file of {@link askText}. */
  readonly askFile: string;
  readonly outputLimitMiB: number;
  /** Builders may have been started, which only Nix itself can end: it is asked politely first. */
  readonly mayBuild: boolean;
  /** Called for each file that Nix has read and keeps. */
  readonly onLoad?: (file: string) => void;
  /** `raw` where it was started so: errors come without their text then. */
  readonly logFormat?: 'internal-json' | 'raw';
  /** Called for what the program itself traces. */
  readonly onTrace?: (trace: NixMessage) => void;
}

/** The function that each query calls: it prints the value of a file as JSON, behind a word that nobody can know. */
export const askText =
  'nonce: file: let json = builtins.toJSON (import file); in builtins.trace (nonce + json) null\n';

const mebibyte = 1024 * 1024;

/**
 * One `nix repl` over pipes. A query is one short line that names a file, for
 * the line reader takes a tab as a request to complete and slows down with
 * length. The answer comes as the record of a trace on stderr
 * (`--log-format internal-json`), in which any text is one line; it begins with
 * a random word, and another such record ends the query. What Nix prints on
 * stdout, where values and echoes mix, is thrown away.
 */
export class WarmProcess {
  readonly id: number | undefined;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #outputLimit: number;
  readonly #mayBuild: boolean;
  #question: Question | undefined;
  #printed = 0;
  #lastWords: string[] = [];
  #force: (() => void) | undefined;
  #ended = false;
  readonly #askFile: string;
  readonly #decode: (line: string) => NixMessage | undefined;
  readonly #onLoad: (file: string) => void;
  readonly #onTrace: (trace: NixMessage) => void;
  /** Settles when the process is gone. */
  readonly exited: Promise<void>;

  constructor({
    start: { program, args, env },
    cwd,
    askFile,
    outputLimitMiB,
    mayBuild,
    onLoad = () => undefined,
    logFormat = 'internal-json',
    onTrace = () => undefined,
  }: WarmCommand) {
    this.#decode = logFormat === 'raw' ? decodeRawLine : decodeMessage;
    this.#onLoad = onLoad;
    this.#onTrace = onTrace;
    this.#mayBuild = mayBuild;
    this.#askFile = askFile;
    this.#outputLimit = outputLimitMiB * mebibyte;
    const held = heldStart({ program, args }, 'open');
    this.#child = spawn(held.program, [...held.args], {
      cwd,
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    const { pid } = this.#child;
    this.id = pid;
    if (pid !== undefined) watchGroup(pid);
    // The exit tells of it.
    this.#child.stdin.on('error', () => undefined);
    letGo(this.#child.stdin);
    const lines = new LineSplitter((line) => this.#take(line));
    this.#child.stdout.resume();
    this.#child.stderr.on('data', (chunk: Buffer) => {
      this.#printed += chunk.length;
      if (this.#printed > this.#outputLimit)
        this.end('too-much-output', `Nix printed more than ${outputLimitMiB} MiB.`);
      else lines.push(chunk);
    });
    this.exited = new Promise((resolve) => {
      const over = (failure: NixFailure): void => {
        this.#ended = true;
        this.#force?.();
        this.#question?.reject(failure);
        this.#question = undefined;
        resolve();
      };
      this.#child.once('error', (cause) =>
        over(new NixFailure('missing-command', `Nix could not be started: ${cause.message}.`, { cause })),
      );
      this.#child.once('exit', (exitCode, signal) => {
        if (pid !== undefined) unwatchGroup(pid);
        this.#child.stdout.destroy();
        // What is still in the pipe belongs to the query.
        const finish = (): void => {
          lines.end();
          over(this.#failure(exitCode ?? undefined, signal));
        };
        if (this.#force) finish();
        else this.#child.once('close', finish);
      });
    });
  }

  get isAlive(): boolean {
    return !this.#ended && this.#force === undefined;
  }

  /**
   * Asks for the value of a file, strictly, as JSON.
   *
   * @throws NixFailure; only where Nix itself told an error is the process still there
   */
  ask(file: string): Promise<string> {
    return new Promise((resolve, reject) => {
      if (!this.isAlive || this.#question) {
        reject(new NixFailure('crashed', 'Nix has ended.'));
        return;
      }
      const [answer, end] = [`${unknowable()}=`, `${unknowable()}.`];
      this.#question = { answer, end, resolve, reject, errors: [] };
      this.#printed = 0;
      this.#lastWords = [];
      this.#child.stdin.write(
        `import ${nixString(this.#askFile)} "${answer}" ${nixString(file)}\nbuiltins.trace "${end}" null\n`,
      );
    });
  }

  /** Ends the process with all that it started; a query that is under way fails with this reason. */
  end(reason: NixFailureReason, message: string): void {
    if (!this.isAlive) return;
    const question = this.#question;
    this.#question = undefined;
    this.#force = this.id === undefined ? () => undefined : endGroup(this.id);
    if (!this.#mayBuild) this.#force();
    question?.reject(new NixFailure(reason, message));
  }

  #take(line: string): void {
    const message = this.#decode(line);
    if (!message) return;
    const question = this.#question;
    switch (message.kind) {
      case 'info': {
        const file = /^evaluating file '(.*)'$/s.exec(message.text)?.[1];
        if (file !== undefined) this.#onLoad(file);
        return;
      }
      case 'trace':
        if (!question) return;
        if (message.text.startsWith(question.answer)) {
          question.json = message.text.slice(question.answer.length);
        } else if (message.text === question.end) {
          this.#question = undefined;
          if (question.json !== undefined) question.resolve(question.json);
          else question.reject(failureOf(question.errors));
        } else this.#onTrace(message);
        return;
      case 'error':
        question?.errors.push(printedError(message.fullText));
        return;
      case 'plain':
        this.#lastWords = [...this.#lastWords.slice(-19), message.text];
        return;
      case 'warning':
    }
  }

  #failure(exitCode: number | undefined, signal: NodeJS.Signals | null): NixFailure {
    const words = this.#lastWords.join('\n');
    const details = { exitCode, stderrTail: words };
    if (/out of memory|std::bad_alloc|cannot allocate memory|too many heap sections/i.test(words))
      return new NixFailure('out-of-memory', 'Nix ran out of memory.', details);
    // It ends the process in all versions that have no limit of depth.
    const told = /error: (.*)/s.exec(words)?.[1]?.trim();
    if (told !== undefined) return new NixFailure('evaluation', told, details);
    const how = signal === null ? '' : ` by ${signal}`;
    return new NixFailure('crashed', `Nix ended${how} and did not say why.`, details);
  }
}

function unknowable(): string {
  return randomBytes(16).toString('hex');
}

function failureOf(errors: readonly NixErrorMessage[]): NixFailure {
  const last = errors.at(-1);
  return last
    ? new NixFailure('evaluation', last.message, { errors, stderrTail: last.fullText.slice(-8000) })
    : new NixFailure('crashed', 'Nix gave no answer.');
}
