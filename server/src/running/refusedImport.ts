import { parseDerivation } from '../derivation/aterm.ts';
import { LocalFiles } from '../derivation/derivationFiles.ts';
import { runsOn, type System } from '../model/system.ts';
import { NixFailure } from '../nix/failure.ts';

/** Up to 2.29 or so `x.drv` or `x.drv!out`, later `x.drv^out` (Nix source, `primops.cc`, `realiseContext`). */
const refusal =
  /cannot build '([^'!^]+\.drv)[^']*' during (?:the )?evaluation because the option 'allow-import-from-derivation'/;

/**
 * A failure because the evaluation would need a build, with the system of that
 * build: where the evaluating machine cannot do it, to allow it would not help.
 * Any other error as it is.
 */
export async function withImportedSystem(
  error: unknown,
  evaluatedAs: System,
  storeFolder: string | undefined,
): Promise<unknown> {
  if (!(error instanceof NixFailure)) return error;
  const drvPath = error.errors
    .map(({ message }) => refusal.exec(message)?.[1])
    .find((path) => path !== undefined);
  const system = drvPath === undefined ? undefined : await systemOf(drvPath, storeFolder);
  if (system === undefined) return error;
  const words =
    runsOn(system, evaluatedAs) === 'no'
      ? `That derivation is for ${system}: the evaluating machine, ${evaluatedAs}, cannot build it, and needs a builder for ${system} even where it is allowed.`
      : `That derivation is for ${system}.`;
  return new NixFailure(error.reason, error.message, {
    errors: error.errors.map((one) =>
      refusal.test(one.message) ? { ...one, message: `${one.message}\n${words}` } : one,
    ),
    exitCode: error.exitCode,
    isOffline: error.isOffline,
    stderrTail: error.stderrTail,
    cause: error,
  });
}

async function systemOf(drvPath: string, storeFolder: string | undefined): Promise<System | undefined> {
  try {
    return parseDerivation(await new LocalFiles(storeFolder).read(drvPath), drvPath).system;
  } catch {
    // It was not written, or is in a store that cannot be read from here: Nix's own words are what there is.
    return undefined;
  }
}
