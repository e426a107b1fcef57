import type { WorkspaceCopies } from './copies.ts';
import type { Confinement } from './powers/confinement.ts';
import type { WorkspaceLayout } from './workspaceFiles.ts';

/** What a run lets Nix use. */
export interface RunLimits {
  readonly timeoutMs: number;
  readonly memoryLimitMiB: number;
  readonly allowImportFromDerivation: boolean;
}

/** What a plan needs to know of the run. */
export interface PlanOptions {
  /** Absolute paths; the one that contains the target's file is its workspace. */
  readonly workspaceRoots: readonly string[];
  /** What relative paths in arguments and on the search path are relative to. */
  readonly directory: string;
  readonly limits: RunLimits;
  /** What the target may name; undefined: anything, for a person gave it themselves. */
  readonly confinement?: Confinement;
}

/** The outcome of evaluating the copies. */
export interface CopiesOutcome {
  readonly drvPath: string;
  readonly traces: readonly string[];
}

/** How one kind of target is evaluated: as it stands, and from instrumented copies. */
export interface EvaluationPlan {
  /**
   * Where the files are (overlays are the caller's), and those with which
   * evaluation begins, as absolute paths; none where nothing can be probed.
   */
  workspace(signal: AbortSignal): Promise<{
    readonly layout: Omit<WorkspaceLayout, 'overlays'>;
    readonly entries: readonly string[];
  }>;
  /**
   * Instantiates the target as it stands: the root derivation's path.
   *
   * @throws NixFailure
   */
  instantiate(signal: AbortSignal): Promise<string>;
  /**
   * Evaluates the target from copies of its files.
   *
   * @param write true: the derivations are written to the store, so that their closure can be read
   * @throws NixFailure
   */
  evaluateCopies(copies: WorkspaceCopies, write: boolean, signal: AbortSignal): Promise<CopiesOutcome>;
}
