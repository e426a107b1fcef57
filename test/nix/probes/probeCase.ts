import type { Workspace } from '../../support/workspace.ts';

/**
 * Every form of the language, evaluated by a real Nix: what is observed must be
 * what Nix computed, at the root that the plain evaluation gives.
 */
export interface ProbeCase extends Workspace {
  readonly name: string;
  /** Index of the level that is reached; 0 where it is left out. */
  readonly level?: number;
  /** Whether the value of its default.nix is a derivation; true where it is left out. */
  readonly isOneDerivation?: boolean;
  /** Observations as `text = derivation system`, a selection of all. */
  readonly observes: readonly string[];
  /** Observations that would be wrong. */
  readonly neverObserves?: readonly string[];
  /** The oldest Nix that knows the form, as major and minor number; left out: all do. */
  readonly since?: readonly [number, number];
  /** Options for Nix. */
  readonly option?: readonly (readonly [string, string])[];
}

/** Wraps a list of inputs into a root derivation of a Linux set; `other` is the evaluating machine's set. */
export const root = (body: string): string => `
{ set }:
let
  pkgs = import set { system = "x86_64-linux"; };
  other = import set { };
in
${body}
`;

export const env = (paths: string): string => root(`pkgs.buildEnv { name = "root"; paths = ${paths}; }`);
