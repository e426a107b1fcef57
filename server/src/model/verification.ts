import type { Severity } from './judgement.ts';
import type { System } from './system.ts';

/** An output that was asked for. */
export interface AskedOutput {
  /** Absent where a store path was named, not a derivation. */
  readonly name?: string;
  /** Absent where it is known only after the build. */
  readonly path?: string;
  /** It is in the store. */
  readonly realised: boolean;
}

/**
 * How it is known where the outputs have to run:
 * - `given`: the person said so;
 * - `derivation`: it is the host platform of the derivation that makes them;
 * - `this-machine`: nothing says it, so this machine is taken.
 */
export type ExpectationSource = 'given' | 'derivation' | 'this-machine';

/** Where the outputs have to run. */
export interface ExpectedSystem {
  readonly system: System;
  readonly source: ExpectationSource;
  /** Only assumed: then nothing is called an error. */
  readonly assumed: boolean;
}

/** A file that is for another platform than it should be, or of which that cannot be told. */
export interface FileFinding {
  /** `error`: certain; `warning`: on an assumption, or not to be told; `info`: there on purpose, as far as one can see. */
  readonly severity: Severity;
  readonly storePath: string;
  /** Relative to the store path; empty where that is a file itself. */
  readonly file: string;
  /** For people: `Mach-O x86_64`. */
  readonly found: string;
  /** For people: `ELF x86-64`. */
  readonly expected: string;
  /** Why it is only a note, or what else there is to say; one sentence without the full stop. */
  readonly explanation?: string;
}

/** A store path of the runtime closure in which something was found. */
export interface VerifiedPath {
  readonly storePath: string;
  /** From an output that was asked for to this one, each referring to the next. */
  readonly path: readonly string[];
  /** The derivation that makes it, where it is known. */
  readonly drvPath?: string;
  /** The system that it is made for, where that is another one. */
  readonly madeFor?: System;
  /** Worst first, each kind no more than a few. */
  readonly findings: readonly FileFinding[];
  /** Findings that were left out of the list, by severity. */
  readonly omitted: Readonly<Record<Severity, number>>;
}

export interface VerificationCounts {
  readonly storePaths: number;
  /** Regular files whose header was read. */
  readonly files: number;
  /** Those with native code to be run there. */
  readonly executables: number;
  readonly libraries: number;
  readonly scripts: number;
  /** Store paths that their derivations make for another platform. */
  readonly foreignPaths: number;
}

/** What is really in the store of what was asked for, and for which platform it is. */
export interface Verification {
  /** What was asked for, for people. */
  readonly name: string;
  readonly drvPath?: string;
  readonly outputs: readonly AskedOutput[];
  /** Undefined where nothing was looked at. */
  readonly expected?: ExpectedSystem;
  readonly counts: VerificationCounts;
  /** Those with errors first. */
  readonly paths: readonly VerifiedPath[];
  /** Why not everything was looked at; one sentence each. */
  readonly incomplete: readonly string[];
}

/**
 * - `right`: everything runs where it has to;
 * - `wrong`: something certainly does not;
 * - `absent`: nothing is in the store;
 * - `unknown`: something could not be told, such as where floating outputs lie.
 */
export type VerificationState = 'right' | 'wrong' | 'absent' | 'unknown';

export function stateOfVerification({ outputs, paths, incomplete }: Verification): VerificationState {
  if (!outputs.some(({ realised }) => realised))
    return outputs.some(({ path }) => path !== undefined) ? 'absent' : 'unknown';
  const has = (severity: Severity): boolean =>
    paths.some(
      ({ findings, omitted }) =>
        omitted[severity] > 0 || findings.some((finding) => finding.severity === severity),
    );
  if (has('error')) return 'wrong';
  return has('warning') || incomplete.length > 0 ? 'unknown' : 'right';
}
