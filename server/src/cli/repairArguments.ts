import type { BuildPackageSet } from '../fixes/buildPackageSet.ts';
import type { ProofOptions } from '../fixes/proveFixes.ts';

/** How repairs are looked for, as the command line says. */
export interface RepairArguments {
  readonly repairsTimeoutMs: number;
  readonly buildPackageSet: BuildPackageSet;
}

/** The options as commander gives them. */
export interface RepairOptions {
  readonly repairsTimeout: number;
  readonly buildPackageSet: BuildPackageSet;
}

export function repairArguments({ repairsTimeout, buildPackageSet }: RepairOptions): RepairArguments {
  return { repairsTimeoutMs: repairsTimeout * 1000, buildPackageSet };
}

export function proofOptions({
  repairsTimeoutMs,
  buildPackageSet,
}: RepairArguments): Pick<ProofOptions, 'timeLimitMs' | 'buildPackageSet'> {
  return { timeLimitMs: repairsTimeoutMs, buildPackageSet };
}
