import type { BuildConfiguration } from './buildConfiguration.ts';
import type { System } from './system.ts';

/** What is known of the machine that judges. */
export interface JudgementContext {
  /** This machine's system, Nix's setting `system`. */
  readonly localSystem: System;
  /** The effective value of Nix's setting `extra-platforms`. */
  readonly extraPlatforms: readonly System[];
}

/** What the settings of a machine's Nix say of it. */
export function judgementContext({ system, extraPlatforms }: BuildConfiguration): JudgementContext {
  return { localSystem: system, extraPlatforms };
}
