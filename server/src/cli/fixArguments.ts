import type { RuleId } from '../model/judgement.ts';
import type { RepairArguments } from './repairArguments.ts';
import type { TargetArguments } from './targetArguments.ts';

/** What `fix` was asked on the command line. */
export interface FixArguments extends TargetArguments, RepairArguments {
  /** A patch is printed, and no file written. */
  readonly dryRun: boolean;
  /** What of these rules is repaired; empty: all. */
  readonly rules: readonly RuleId[];
  /** The only files that are edited; empty: all of the workspace. */
  readonly only: readonly string[];
  /** Files may be edited that git could not give back as they are. */
  readonly allowDirty: boolean;
}
