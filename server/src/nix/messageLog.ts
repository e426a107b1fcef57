import type { NixErrorMessage, NixMessage } from './messages.ts';

/** So many errors, and so many other messages, are kept of each run: the last ones. */
const mostErrors = 100;
const mostOthers = 1000;
/** So many characters of other messages are kept, whatever their number. */
const mostCharacters = 16 * 1024 * 1024;
/** A program that makes more different reports than this does not end. */
const mostReports = 2_000_000;

/**
 * What a run of Nix says, as far as it is used: errors, the last of what else
 * was printed, and reports, which are traces that begin with a mark. An
 * evaluation may trace without end, and most of it is not for us.
 */
export class MessageLog {
  readonly #mark: string | undefined;
  readonly #errors: NixErrorMessage[] = [];
  readonly #reports = new Set<string>();
  #others: Exclude<NixMessage, NixErrorMessage>[] = [];
  #characters = 0;

  /** @param mark what reports begin with; undefined: there are none */
  constructor(mark: string | undefined) {
    this.#mark = mark;
  }

  /** @returns false where it is one too many */
  add(message: NixMessage): boolean {
    if (message.kind === 'error') {
      this.#errors.push(message);
      if (this.#errors.length > mostErrors) this.#errors.shift();
    } else if (message.kind === 'trace' && this.#mark !== undefined && message.text.startsWith(this.#mark)) {
      this.#reports.add(message.text);
    } else {
      this.#addOther(message);
    }
    return this.#reports.size <= mostReports;
  }

  #addOther(message: Exclude<NixMessage, NixErrorMessage>): void {
    this.#others.push(message);
    this.#characters += message.text.length;
    // Seldom, so that each message is moved once or twice.
    if (this.#others.length >= 2 * mostOthers) this.#forgetFirst(this.#others.length - mostOthers);
    while (this.#characters > mostCharacters && this.#others.length > 1) this.#forgetFirst(1);
  }

  #forgetFirst(count: number): void {
    for (const { text } of this.#others.splice(0, count)) this.#characters -= text.length;
  }

  /** Errors of records; the last one ended the run. */
  get errors(): readonly NixErrorMessage[] {
    return this.#errors;
  }

  /** The last of what else was printed, in order. */
  get others(): readonly Exclude<NixMessage, NixErrorMessage>[] {
    return this.#others;
  }

  /** Reports in the order of their first time, each once; where there is no mark, the last traces. */
  get traces(): readonly string[] {
    if (this.#mark !== undefined) return [...this.#reports];
    return this.#others.flatMap(({ kind, text }) => (kind === 'trace' ? [text] : []));
  }
}
