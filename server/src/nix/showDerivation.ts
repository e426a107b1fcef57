import { NixFailure } from './failure.ts';
import type { NixInstallation } from './installation.ts';
import { runNix } from './run.ts';
import type { RunOptions } from './run.ts';

/**
 * Asks Nix for a derivation that is no readable local file: the JSON of `nix
 * derivation show`, before 2.15 `nix show-derivation`; its shape depends on the
 * version.
 *
 * @throws NixFailure
 */
export async function showDerivation(
  nix: NixInstallation,
  drvPath: string,
  options: RunOptions = {},
): Promise<unknown> {
  const stdout = await printDerivation(nix, drvPath, options);
  try {
    return JSON.parse(stdout);
  } catch (cause) {
    throw new NixFailure('crashed', `Nix printed no JSON for ${drvPath}.`, { cause });
  }
}

async function printDerivation(nix: NixInstallation, drvPath: string, options: RunOptions): Promise<string> {
  const run = async (...command: string[]) =>
    (await runNix(nix, 'nix', [...command, '--extra-experimental-features', 'nix-command', drvPath], options))
      .stdout;
  try {
    return await run('derivation', 'show');
  } catch (error) {
    const isUnknown =
      error instanceof NixFailure &&
      error.errors.some(({ message }) => /not a recognised command/.test(message));
    if (!isUnknown) throw error;
    return run('show-derivation');
  }
}
