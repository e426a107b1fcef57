import type { NixConnection, SessionParts } from './parts.ts';
import type { StateStore } from './stateStore.ts';

/** Reads who may build, as Nix's settings say, where that is not known. */
export async function readBuildConfiguration({
  store,
  nix: connection,
  logError,
}: {
  readonly store: StateStore;
  readonly nix: () => NixConnection;
  readonly logError: SessionParts['logError'];
}): Promise<void> {
  if (store.snapshot.buildConfiguration) return;
  const nix = connection();
  try {
    const buildConfiguration = await nix.readBuildConfiguration();
    // Another Nix has other settings.
    if (nix === connection()) store.send('build-configuration-read', { buildConfiguration });
  } catch (error) {
    logError("Nix's settings could not be read.", error);
  }
}
