import { NixFailure } from './failure.ts';
import type { NixInstallation } from './installation.ts';
import { runRenamed } from './runRenamed.ts';
import type { ProcessOptions } from './runNix.ts';

/**
 * Asks Nix for a derivation that is no readable local file: the JSON of `nix
 * derivation show`, before 2.15 `nix show-derivation`; its shape depends on the
 * version.
 *
 * @param flags before its path
 * @throws NixFailure
 */
export async function showDerivation(
  nix: NixInstallation,
  drvPath: string,
  options: ProcessOptions = {},
  flags: readonly string[] = [],
): Promise<unknown> {
  const stdout = await runRenamed(
    nix,
    ['derivation', 'show'],
    ['show-derivation'],
    [...flags, drvPath],
    options,
  );
  try {
    return JSON.parse(stdout);
  } catch (cause) {
    throw new NixFailure('crashed', `Nix printed no JSON for ${drvPath}.`, { cause });
  }
}
