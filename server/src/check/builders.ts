import type { Derivation } from '../model/derivation.ts';
import type { System } from '../model/system.ts';
import type { BuildMachine } from './machines.ts';

/** Nix's settings that decide who may build a derivation. */
export interface BuildConfiguration {
  readonly system: System;
  /** The effective value: a set one replaces the defaults. */
  readonly extraPlatforms: readonly System[];
  readonly systemFeatures: readonly string[];
  readonly maxJobs: number;
  readonly machines: readonly BuildMachine[];
}

/**
 * Who can build a derivation.
 * - `builtin`: Nix itself;
 * - `local`: this machine, and perhaps the remote machines as well;
 * - `remote`: only the remote machines;
 * - `none`: nobody.
 */
export interface Builders {
  readonly kind: 'builtin' | 'local' | 'remote' | 'none';
  /** The remote machines that can, fastest first. */
  readonly machines: readonly BuildMachine[];
  /** For `none`, Nix's own words. */
  readonly reason: string;
}

/**
 * Finds who can build a derivation that is not substituted (Nix source,
 * `parsed-derivations.cc`, `canBuildLocally`, and `build-remote.cc`).
 * `preferLocalBuild` only chooses among those who can.
 */
export function findBuilders(derivation: Derivation, configuration: BuildConfiguration): Builders {
  const features = requiredFeaturesOf(derivation);
  const machines = configuration.machines
    .filter((machine) => canBuild(machine, derivation.system, features))
    .sort((one, other) => other.speedFactor - one.speedFactor);
  const lacking = features.filter((feature) => !configuration.systemFeatures.includes(feature));
  if (derivation.builtin && lacking.length === 0) {
    return { kind: 'builtin', machines, reason: 'Nix builds it itself' };
  }
  const { system } = derivation;
  const isOwn = system === configuration.system;
  const fits = (isOwn || configuration.extraPlatforms.includes(system)) && lacking.length === 0;
  if (fits && configuration.maxJobs > 0) {
    const reason = isOwn
      ? `this machine is a '${system}'`
      : `this machine's extra-platforms have '${system}'`;
    return { kind: 'local', machines, reason };
  }
  if (machines.length > 0) {
    return { kind: 'remote', machines, reason: `${machines.map(({ uri }) => uri).join(', ')} can build it` };
  }
  const reason = fits
    ? "unable to start any build; either increase '--max-jobs' or enable remote builds"
    : `a '${system}' with features ${setOf(features)} is required to build '${derivation.drvPath}', ` +
      `but I am a '${configuration.system}' with features ${setOf(configuration.systemFeatures)}`;
  return { kind: 'none', machines, reason };
}

/** Outputs whose paths are known only after the build need a feature of their own. */
function requiredFeaturesOf({ requiredSystemFeatures, outputs, fixedOutput }: Derivation): readonly string[] {
  const isFloating = !fixedOutput && outputs.some(({ path }) => path === undefined);
  return isFloating ? [...new Set([...requiredSystemFeatures, 'ca-derivations'])] : requiredSystemFeatures;
}

function canBuild(machine: BuildMachine, system: System, features: readonly string[]): boolean {
  return (
    machine.maxJobs > 0 &&
    machine.systems.includes(system) &&
    features.every(
      (feature) => machine.supportedFeatures.includes(feature) || machine.mandatoryFeatures.includes(feature),
    ) &&
    machine.mandatoryFeatures.every((feature) => features.includes(feature))
  );
}

function setOf(features: readonly string[]): string {
  return `{${[...features].sort().join(', ')}}`;
}
