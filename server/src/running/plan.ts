import type { RunLimits } from '../model/runLimits.ts';
import type { MemoryBudget } from '../nix/process/memoryBudget.ts';
import type { ProcessOptions } from '../nix/runNix.ts';
import type { WorkspaceCopies } from '../probing/copies.ts';
import type { Confinement } from '../permissions/confinement.ts';
import type { WorkspaceLayout } from '../probing/workspaceFiles.ts';

/** With what the processes of one run share. */
export interface SharedLimits extends RunLimits {
  readonly memory?: MemoryBudget;
}

/** What a plan needs to know of the run. */
export interface PlanOptions {
  /** Absolute paths; the one that contains the target's file is its workspace. */
  readonly workspaceRoots: readonly string[];
  /** What relative paths in arguments and on the search path are relative to. */
  readonly directory: string;
  readonly limits: SharedLimits;
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
   * The files in which the root says that it is made, as absolute paths; absent
   * where nobody can ask for them.
   *
   * @throws NixFailure
   */
  ownFiles?(signal: AbortSignal): Promise<readonly string[]>;
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
  /** An expression of what has the root's `drvPath`, for a Nix that stays; left out, and undefined, where it cannot tell. */
  readonly keptExpression?: (copies: WorkspaceCopies, signal: AbortSignal) => Promise<string | undefined>;
}

/**
 * How Nix evaluates copies: in the format that costs least for a report. A run
 * is worth something without observations, and a proof is not without its root.
 */
export function copiesOptions(
  { nonce }: WorkspaceCopies,
  write: boolean,
): Pick<ProcessOptions, 'logFormat' | 'reportMark' | 'givesWay'> {
  return { logFormat: 'raw', reportMark: nonce, givesWay: !write };
}
