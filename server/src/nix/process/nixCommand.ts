import { access, constants } from 'node:fs/promises';
import { delimiter } from 'node:path';
import { NixFailure } from '../failure.ts';
import { heldBackPrograms } from './heldBack.ts';
import { networkWall } from './networkWall.ts';
import { offlineSettings } from './offlineSettings.ts';
import { ownPrograms } from './ownPrograms.ts';

/** What a program of Nix may use. */
export interface CommandOptions {
  /** Added to this process's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** `none` where it is left out: only what somebody asked to be fetched is fetched. */
  readonly network?: 'none' | 'allowed';
  /** Upper limit of the evaluator's heap, in MiB (`GC_MAXIMUM_HEAP_SIZE` of its garbage collector). */
  readonly heapLimitMiB?: number;
}

/** A program with its arguments, and what is added to its environment. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const mebibyte = 1024 * 1024;

/**
 * How a program is started, behind the wall that keeps it from the network.
 *
 * @throws NixFailure where there is no such program
 */
export async function nixCommand(
  program: string,
  args: readonly string[],
  { env, network = 'none', heapLimitMiB }: CommandOptions,
): Promise<Command> {
  await requireProgram(program);
  const limits =
    heapLimitMiB === undefined ? {} : { GC_MAXIMUM_HEAP_SIZE: String(Math.round(heapLimitMiB) * mebibyte) };
  const own: Readonly<Record<string, string>> = { ...ownPrograms(), ...env, ...limits };
  if (network === 'allowed') return { program, args, env: own };
  const [{ wall }, heldBack] = await Promise.all([networkWall(), heldBackPrograms()]);
  const path = own['PATH'] ?? '';
  return {
    program: wall?.program ?? program,
    args: wall ? [...wall.args, program, ...args] : args,
    env: {
      ...own,
      ...offlineSettings({ ...process.env, ...env }),
      PATH: heldBack === undefined ? path : `${heldBack}${delimiter}${path}`,
    },
  };
}

/** The wall is another program, which would tell of it in its own words. */
async function requireProgram(program: string): Promise<void> {
  try {
    await access(program, constants.X_OK);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new NixFailure('missing-command', `Nix could not be started: ${why}.`, { cause });
  }
}
