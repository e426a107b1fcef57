import type { NixEnvironment } from '../nix/nixEnvironment.ts';
import type { Evaluator } from '../running/evaluator.ts';
import type { NixParser } from '../syntax/parser.ts';

/** Where a command reads and writes, and what it stands on; a terminal gets colours. */
export interface CommandEnvironment {
  /** The working directory. */
  readonly directory: string;
  readonly version: string;
  readonly evaluator: Evaluator;
  /** @throws NixUnavailableError */
  readonly nix: (signal: AbortSignal) => Promise<NixEnvironment>;
  readonly parser: () => Promise<NixParser>;
  readonly signal: AbortSignal;
  readonly isTerminal: boolean;
  /** Standard output is a terminal, be it one without colours. */
  readonly isOnScreen: boolean;
  /** Standard error is a terminal, too. */
  readonly showsProgress: boolean;
  /** Says what is being done, where people see it; undefined: nothing any more. */
  readonly showStatus: (doing: string | undefined) => void;
  readonly writeOut: (text: string) => void;
  readonly writeError: (text: string) => void;
}

/** No leak at error level in what could be read, at least one, could not evaluate or do what was asked. */
export type ExitStatus = 0 | 1 | 2;

/** A command cannot do what it was asked for; one line for each reason, and status 2. */
export class CommandFailure extends Error {
  override readonly name: string = 'CommandFailure';
}
