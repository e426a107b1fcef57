import { totalmem } from 'node:os';

const mebibyte = 1024 * 1024;
/** Nix takes 384 MiB of address space at its start; with less than this hardly anything can be evaluated. */
const least = 1024;

/** What this machine has, or what this process's control group may use (cgroups(7), memory controller), in MiB. */
export function machineMemory(): number {
  const constrained = process.constrainedMemory();
  const bytes = constrained > 0 ? Math.min(totalmem(), constrained) : totalmem();
  return Math.floor(bytes / mebibyte);
}

/**
 * The limit of one evaluation that fits this machine, in MiB: half of what it has.
 *
 * @param most in MiB
 */
export function fittingMemoryLimit(most = Infinity): number {
  return Math.max(least, Math.min(most, Math.floor(machineMemory() / 2)));
}
