import { NixFailure, type NixFailureDetails } from './failure.ts';

/** What a timer can hold, in milliseconds; a longer one would fire at once. */
export const longestTimer = 2 ** 31 - 1;

/** A limit of time over several processes and what is done between them. */
export class Deadline implements Disposable {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #milliseconds: number;

  constructor(milliseconds: number) {
    this.#milliseconds = milliseconds;
    this.#timer = setTimeout(() => this.#controller.abort(), Math.min(milliseconds, longestTimer));
  }

  /** Aborted once the time is over. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** What to tell where the time is over. */
  get failure(): NixFailure {
    return timedOut(this.#milliseconds);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}

/** @param details what is known of the process that was under way */
export function timedOut(milliseconds: number, details: NixFailureDetails = {}): NixFailure {
  return new NixFailure('timeout', `Nix did not finish within ${milliseconds / 1000} s.`, details);
}
