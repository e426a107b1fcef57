import { totalmem } from 'node:os';

const mebibyte = 1024 * 1024;
/** Nix takes 384 MiB of address space at its start; with less than this hardly anything can be evaluated. */
const least = 1024;

/**
 * The limit of memory that fits this machine, in MiB: half of what it has, or of
 * what this process's control group may use (cgroups(7), memory controller).
 *
 * @param most in MiB
 */
export function fittingMemoryLimit(most = Infinity): number {
  const constrained = process.constrainedMemory();
  const memory = constrained > 0 ? Math.min(totalmem(), constrained) : totalmem();
  return Math.max(least, Math.min(most, Math.floor(memory / 2 / mebibyte)));
}
