import { NixFailure } from './failure.ts';
import type { NixInstallation } from './installation.ts';
import { runNix } from './runNix.ts';
import type { ProcessOptions } from './runNix.ts';

/**
 * Runs a subcommand of `nix` that had another name once, and gives what it
 * prints. The newer name is tried first: the answer is exact for forks too,
 * whose version numbers say something else.
 *
 * @throws NixFailure
 */
export async function runRenamed(
  nix: NixInstallation,
  newer: readonly string[],
  older: readonly string[],
  args: readonly string[],
  options: ProcessOptions,
): Promise<string> {
  const run = async (command: readonly string[]) => {
    const features = ['--extra-experimental-features', 'nix-command'];
    return (await runNix(nix, 'nix', [...command, ...features, ...args], options)).stdout;
  };
  try {
    return await run(newer);
  } catch (error) {
    const isUnknown =
      error instanceof NixFailure &&
      error.errors.some(({ message }) => message.includes('is not a recognised command'));
    if (!isUnknown) throw error;
    return run(older);
  }
}
