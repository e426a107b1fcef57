import type { System } from './system.ts';

/** Index of a derivation within one {@link DerivationGraph}; dense, from zero. */
export type DerivationId = number;

/**
 * How an input derivation is used by its consumer. The `deps…` names and their
 * old twins are those of the nixpkgs manual, chapter "Cross-compilation",
 * section "Dependency propagation".
 */
export const edgeRoles = [
  'builder',
  'args',
  'stdenv',
  'depsBuildBuild',
  'nativeBuildInputs',
  'depsBuildTarget',
  'depsHostHost',
  'buildInputs',
  'depsTargetTarget',
  'depsBuildBuildPropagated',
  'propagatedNativeBuildInputs',
  'depsBuildTargetPropagated',
  'depsHostHostPropagated',
  'propagatedBuildInputs',
  'depsTargetTargetPropagated',
  'reference',
] as const;

/** `reference` is a plain reference: the path occurs in some other variable. */
export type EdgeRole = (typeof edgeRoles)[number];

/** How we know a host platform. An error is never raised on an assumption. */
export type Certainty = 'evaluated' | 'inferred' | 'assumed';

/**
 * Where the outputs of a derivation run.
 * - `system`: on machines of that system;
 * - `neutral`: they are data or the same on every system (a `builtin:` builder,
 *   a fixed-output derivation).
 */
export type HostPlatform =
  | { readonly kind: 'system'; readonly system: System; readonly certainty: Certainty }
  | { readonly kind: 'neutral'; readonly reason: 'builtin' | 'fixed-output' };

/** For what a compiler among the outputs of a derivation makes code. */
export interface TargetPlatform {
  readonly system: System;
  readonly certainty: Certainty;
}

/** One output of a derivation; `path` is absent where it is known only after the build. */
export interface DerivationOutput {
  readonly name: string;
  readonly path?: string;
}

/** What the graph knows of one derivation. */
export interface Derivation {
  readonly id: DerivationId;
  readonly drvPath: string;
  /** The store path's name without `.drv`, e.g. `hello-2.12`. */
  readonly name: string;
  /** Its build platform: where its builder runs. */
  readonly system: System;
  readonly host: HostPlatform;
  /** Absent where nothing says that it has one: of most derivations, which make no machine code. */
  readonly target?: TargetPlatform;
  readonly builtin: boolean;
  readonly fixedOutput: boolean;
  readonly outputs: readonly DerivationOutput[];
  readonly requiredSystemFeatures: readonly string[];
  readonly preferLocalBuild: boolean;
  /** Substituters may be asked for its outputs; unless it says otherwise, they may. */
  readonly allowSubstitutes: boolean;
  /** It makes a setup hook and nothing else: sourced by bash, never executed. Absent: not known. */
  readonly setupHookOnly?: boolean;
}

/** An input derivation seen from its consumer. */
export interface InputEdge {
  readonly input: DerivationId;
  /** At least one. */
  readonly roles: readonly EdgeRole[];
  /** Names of the outputs that are used. */
  readonly outputs: readonly string[];
}

/** A derivation of the closure that could not be read; what hangs below it is unknown. */
export interface Gap {
  readonly drvPath: string;
  /** What went wrong: path, byte offset and what was expected, in one sentence. */
  readonly message: string;
}
