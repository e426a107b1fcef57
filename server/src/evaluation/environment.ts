import type { JudgementContext } from '../check/compatibilities.ts';
import type { ParsedDerivation } from '../derivation/parsedDerivation.ts';
import { decodeDerivation } from '../derivation/showDerivation.ts';
import type { System } from '../model/system.ts';
import { readConfiguration, type NixConfiguration } from '../nix/configuration.ts';
import { findNix, type NixInstallation } from '../nix/installation.ts';
import { showDerivation } from '../nix/showDerivation.ts';
import type { NixParser } from '../syntax/parser.ts';

/** One Nix of this machine with its configuration: what every run needs. */
export interface NixEnvironment {
  readonly nix: NixInstallation;
  readonly configuration: NixConfiguration;
  readonly parser: NixParser;
  /** This machine's system. */
  readonly system: System;
  readonly judgement: JudgementContext;
  /** Asks Nix for a derivation whose file cannot be read from here. */
  readonly readDerivation: (drvPath: string) => Promise<ParsedDerivation>;
}

/** How Nix is found. */
export interface NixConnection {
  /** The folder of nix-instantiate; undefined: the PATH and the usual places. */
  readonly directory?: string;
  readonly parser: () => Promise<NixParser>;
}

/**
 * Makes a function that finds Nix and reads its configuration at the first
 * call; a failure is not remembered, so that the next run sees a Nix that was
 * installed meanwhile.
 *
 * @returns a function that throws NixUnavailableError where there is no Nix
 */
export function connectNix(connection: NixConnection): () => Promise<NixEnvironment> {
  let connecting: Promise<NixEnvironment> | undefined;
  return () => {
    connecting ??= connect(connection).catch((error: unknown) => {
      connecting = undefined;
      throw error;
    });
    return connecting;
  };
}

async function connect({ directory, parser }: NixConnection): Promise<NixEnvironment> {
  const loading = parser();
  const nix = await findNix(directory === undefined ? {} : { directory });
  const configuration = await readConfiguration(nix);
  return {
    nix,
    configuration,
    parser: await loading,
    system: configuration.system,
    judgement: { localSystem: configuration.system, extraPlatforms: configuration.extraPlatforms },
    readDerivation: async (drvPath) => decodeDerivation(await showDerivation(nix, drvPath), drvPath),
  };
}
