import type { Command } from 'commander';
import type { CommandEnvironment, ExitStatus } from './commandEnvironment.ts';

/** A command with its arguments, ready to run. */
export interface Invocation {
  /** Folder of the `nix-instantiate` to use. */
  readonly nixDirectory?: string;
  /** @throws CommandFailure */
  readonly run: (environment: CommandEnvironment) => Promise<ExitStatus>;
}

/** Adds one command to the program; `chosen` is told of it once its arguments are read. */
export type Subcommand = (program: Command, chosen: (invocation: Invocation) => void) => void;
