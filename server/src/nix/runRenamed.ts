import { NixFailure } from './failure.ts';
import { isAtLeast, type NixInstallation } from './installation.ts';
import { runNix } from './runNix.ts';
import type { ProcessOptions } from './runNix.ts';

/** A subcommand of `nix` that has got another name. */
export interface RenamedCommand {
  readonly newer: readonly string[];
  readonly older: readonly string[];
  /** The release that brought the newer name. */
  readonly since: readonly [major: number, minor: number];
}

/**
 * Runs a subcommand of `nix` that had another name once, and gives what it
 * prints. The name of this version is tried first, then the other one: version
 * numbers of forks say something else.
 *
 * @throws NixFailure
 */
export async function runRenamed(
  nix: NixInstallation,
  { newer, older, since }: RenamedCommand,
  args: readonly string[],
  options: ProcessOptions,
): Promise<string> {
  const run = async (command: readonly string[]) => {
    const features = ['--extra-experimental-features', 'nix-command'];
    return (await runNix(nix, 'nix', [...command, ...features, ...args], options)).stdout;
  };
  const [likelier, other] = isAtLeast(nix.version, ...since) ? [newer, older] : [older, newer];
  try {
    return await run(likelier);
  } catch (error) {
    const isUnknown =
      error instanceof NixFailure &&
      error.errors.some(({ message }) => message.includes('is not a recognised command'));
    if (!isUnknown) throw error;
    return run(other);
  }
}
