import * as z from 'zod';
import type { EvaluationArguments } from '../model/target.ts';
import { NixFailure } from './failure.ts';
import type { NixInstallation } from './installation.ts';
import { flakeReference } from './flakeReference.ts';
import { runNix } from './runNix.ts';
import type { ProcessOptions } from './runNix.ts';

/** What the commands for flakes need on every version that has them as an experiment. */
export const flakeFeatures = ['--extra-experimental-features', 'nix-command flakes'];

/**
 * A flake's `nixConfig` is never taken over, whatever the person's nix.conf
 * says: it could name a program for Nix to run, such as `build-hook`. Stands
 * behind all other options.
 */
export const noFlakeConfig = ['--option', 'accept-flake-config', 'false'];

const metadata = z.object({
  /** The locked reference as a URL, e.g. `git+file:///home/me/project?rev=…`. */
  url: z.string(),
  originalUrl: z.string(),
  resolvedUrl: z.string(),
  /** The source in the store. */
  path: z.string(),
  locked: z.record(z.string(), z.unknown()),
  locks: z.looseObject({ version: z.number() }),
});

/** The fields of `nix flake metadata --json` that are used (Nix manual, `nix flake metadata`). */
export type FlakeMetadata = z.infer<typeof metadata>;

/**
 * Asks where a flake's source is. Copies a local flake to the store; writes
 * nothing into the workspace.
 *
 * @throws NixFailure
 */
export async function flakeMetadata(
  nix: NixInstallation,
  flake: string,
  options: ProcessOptions & { readonly arguments?: Pick<EvaluationArguments, 'option'> } = {},
): Promise<FlakeMetadata> {
  const settings = (options.arguments?.option ?? []).flatMap(([name, value]) => ['--option', name, value]);
  const args = [
    'flake',
    'metadata',
    '--json',
    '--no-write-lock-file',
    ...flakeFeatures,
    ...settings,
    ...noFlakeConfig,
    await flakeReference(flake, nix.version),
  ];
  const { stdout } = await runNix(nix, 'nix', args, options);
  try {
    return metadata.parse(JSON.parse(stdout));
  } catch (cause) {
    throw new NixFailure('crashed', `Nix described the flake ${flake} in an unknown way.`, { cause });
  }
}
