import type { Command } from 'commander';
import type { BuildPackageSet } from '../fixes/buildPackageSet.ts';
import type { ProofOptions } from '../fixes/proveFixes.ts';
import { buildPackageSetOption, repairsTimeoutOption } from './optionValues.ts';

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

/** Declares the options of {@link RepairArguments}. */
export function addRepairOptions(command: Command): Command {
  return command.addOption(repairsTimeoutOption()).addOption(buildPackageSetOption());
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
