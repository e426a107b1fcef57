import type { System } from '../model/system.ts';
import { readConfiguration, type NixConfiguration } from './nixConfiguration.ts';
import { NixFailure } from './failure.ts';
import { findNix, type NixInstallation } from './installation.ts';
import type { NixParser } from '../syntax/parser.ts';

/** One Nix of this machine with its configuration: what every run needs. */
export interface NixEnvironment {
  readonly nix: NixInstallation;
  readonly configuration: NixConfiguration;
  readonly parser: NixParser;
  /** This machine's system. */
  readonly system: System;
}

/** How Nix is found. */
export interface EnvironmentParts {
  /** The folder of nix-instantiate; undefined: the PATH and the usual places. */
  readonly directory?: string;
  readonly parser: () => Promise<NixParser>;
}

/** Nix only reads its settings: where that takes longer than this, something is broken. */
const configurationTimeoutMs = 30_000;

/**
 * Makes a function that finds Nix and reads its configuration at the first
 * call; a failure is not remembered, so that the next run sees a Nix that was
 * installed meanwhile.
 *
 * @returns a function that throws NixUnavailableError where there is no Nix;
 *   its signal ends what it has started
 */
export function lazyNixEnvironment(
  connection: EnvironmentParts,
): (signal?: AbortSignal) => Promise<NixEnvironment> {
  let connecting: Promise<NixEnvironment> | undefined;
  return async (signal) => {
    for (;;) {
      connecting ??= connect(connection, signal).catch((error: unknown) => {
        connecting = undefined;
        throw error;
      });
      try {
        return await connecting;
      } catch (error) {
        const isCancelled = error instanceof NixFailure && error.reason === 'aborted';
        // Somebody else had started it, and does not want it any more.
        if (!isCancelled || signal?.aborted) throw error;
      }
    }
  };
}

async function connect(
  { directory, parser }: EnvironmentParts,
  signal: AbortSignal | undefined,
): Promise<NixEnvironment> {
  const loading = parser();
  const nix = await findNix(directory === undefined ? {} : { directory });
  const configuration = await readConfiguration(nix, {
    timeoutMs: configurationTimeoutMs,
    ...(signal && { signal }),
  });
  return {
    nix,
    configuration,
    parser: await loading,
    system: configuration.builders.system,
  };
}
