import type { NixErrorMessage } from './messages.ts';

/**
 * Why a run of Nix gave no result.
 * - `evaluation`: Nix said what is wrong; see `errors`;
 * - `timeout`: it took longer than it may;
 * - `out-of-memory`: it used more memory than it may or than there is;
 * - `too-much-output`: it printed without end;
 * - `aborted`: the caller did not want it any more;
 * - `crashed`: it ended without a word of its own;
 * - `missing-command`: the program is not there;
 * - `no-wall`: it could not be told what keeps it from the network, and it was not started.
 */
export type NixFailureReason =
  | 'evaluation'
  | 'timeout'
  | 'out-of-memory'
  | 'too-much-output'
  | 'aborted'
  | 'crashed'
  | 'missing-command'
  | 'no-wall';

export interface NixFailureDetails {
  readonly errors?: readonly NixErrorMessage[];
  readonly exitCode?: number | undefined;
  readonly stderrTail?: string;
  readonly cause?: unknown;
  readonly isOffline?: boolean;
}

/** Thrown where a run of Nix gave no result; `message` is one sentence for people. */
export class NixFailure extends Error {
  override readonly name = 'NixFailure';
  readonly reason: NixFailureReason;
  /** What Nix reported, the one that ended the run last. */
  readonly errors: readonly NixErrorMessage[];
  /** Undefined where a signal ended it. */
  readonly exitCode: number | undefined;
  /** The last lines that Nix printed for people, without traces and colours. */
  readonly stderrTail: string;

  /** It was kept from the network, because nobody had asked that something be fetched. */
  readonly isOffline: boolean;

  constructor(reason: NixFailureReason, message: string, details: NixFailureDetails = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.reason = reason;
    this.errors = details.errors ?? [];
    this.exitCode = details.exitCode;
    this.stderrTail = details.stderrTail ?? '';
    this.isOffline = details.isOffline ?? false;
  }
}
