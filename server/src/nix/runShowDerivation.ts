import { NixFailure } from './failure.ts';
import type { NixInstallation } from './installation.ts';
import { runRenamed, type RenamedCommand } from './runRenamed.ts';
import type { ProcessOptions } from './runNix.ts';

const derivationShow: RenamedCommand = {
  newer: ['derivation', 'show'],
  older: ['show-derivation'],
  since: [2, 15],
};

/**
 * Asks Nix for a derivation that is no readable local file: the JSON of `nix
 * derivation show`, whose shape depends on the version.
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
  const stdout = await runRenamed(nix, derivationShow, [...flags, drvPath], options);
  try {
    return JSON.parse(stdout);
  } catch (cause) {
    throw new NixFailure('crashed', `Nix printed no JSON for ${drvPath}.`, { cause });
  }
}
