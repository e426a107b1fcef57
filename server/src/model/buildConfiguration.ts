import type { System } from './system.ts';

/** A remote machine that builds (Nix manual, "Remote Builds"). */
export interface BuildMachine {
  /** Its store, e.g. `ssh://mac`. */
  readonly uri: string;
  readonly systems: readonly System[];
  /** How many builds it runs at once. */
  readonly maxJobs: number;
  readonly speedFactor: number;
  readonly supportedFeatures: readonly string[];
  /** It builds only what requires all of these. */
  readonly mandatoryFeatures: readonly string[];
}

/**
 * In which words, and after which test, Nix refuses to build here, by the first
 * release that does so.
 * - `2.4`: that there is no job to wait for, else "a 'X' with features {…} is required to build …";
 * - `2.21`: the same with a capital;
 * - `2.27`: the same, but that Rosetta may be missing;
 * - `2.30`: that there is no job, else "required system or feature not available";
 * - `2.33`: the latter also where only a job is missing;
 * - `2.34`: each reason by itself;
 * - `lix`: "a 'X' with features {…} is required to build …", also where only a job is missing.
 */
export const refusalStyles = ['2.4', '2.21', '2.27', '2.30', '2.33', '2.34', 'lix'] as const;

export type RefusalStyle = (typeof refusalStyles)[number];

/** Nix's settings that decide who may build a derivation (Nix manual, `nix.conf`). */
export interface BuildConfiguration {
  readonly system: System;
  /** The effective value: a set one replaces the defaults. */
  readonly extraPlatforms: readonly System[];
  readonly systemFeatures: readonly string[];
  readonly maxJobs: number;
  /** Systems for which a program of this machine stands in for it (setting `external-builders`). */
  readonly externalBuilderSystems: readonly System[];
  /** The remote machines of `builders`, in its order. */
  readonly machines: readonly BuildMachine[];
  /** What Nix says of `builders` where it cannot read it: then it asks no machine, and fails. */
  readonly machinesProblem?: string;
  /** Machines files that only Nix's daemon may read: who stands there is not known. */
  readonly unreadableMachines: readonly string[];
  /** There are substituters, and they may be asked. */
  readonly substitutes: boolean;
  /** Even where a derivation forbids it. */
  readonly alwaysAllowSubstitutes: boolean;
  /** Build where a substitute fails. */
  readonly fallback: boolean;
  readonly refusals: RefusalStyle;
}
