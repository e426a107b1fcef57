import type { BuildConfiguration, BuildMachine } from '../model/buildConfiguration.ts';
import type { Derivation } from '../model/derivation.ts';
import { refusalOf, type LocalRefusal } from './refusal.ts';

/**
 * Who can build a derivation.
 * - `builtin`: Nix itself, on this machine;
 * - `local`: this machine, and perhaps the remote machines as well;
 * - `remote`: only the remote machines;
 * - `substituted`: nobody, but a substituter may have its outputs;
 * - `none`: nobody, and no substituter is asked.
 */
export interface Builders {
  readonly kind: 'builtin' | 'local' | 'remote' | 'substituted' | 'none';
  /** The remote machines that can, in the order in which Nix asks them while all are idle. */
  readonly machines: readonly BuildMachine[];
  /** One sentence, without the full stop; where nobody can, what Nix prints, in lines. */
  readonly reason: string;
}

/**
 * Finds who can build a derivation whose outputs are not in the store (Nix
 * source, `DerivationOptions::canBuildLocally`, `build-remote.cc`).
 * `preferLocalBuild` only chooses among those who can.
 */
export function findBuilders(derivation: Derivation, configuration: BuildConfiguration): Builders {
  const features = requiredFeaturesOf(derivation);
  const refusal = localRefusal(derivation, features, configuration);
  const { machinesProblem } = configuration;
  // Whatever is not built here before anybody is asked fails where `builders` cannot be read.
  const asksNobody = derivation.preferLocalBuild && refusal === undefined;
  if (machinesProblem !== undefined && !asksNobody)
    return { kind: unbuilt(derivation, configuration), machines: [], reason: machinesProblem };

  const fitting = configuration.machines.filter((machine) => fits(machine, derivation, features));
  const machines = fitting
    .filter(({ maxJobs }) => maxJobs > 0)
    .sort((one, other) => other.speedFactor - one.speedFactor);
  if (refusal === undefined) return { ...localBuild(derivation, configuration), machines };
  if (machines.length > 0) {
    const uris = machines.map(({ uri }) => uri).join(', ');
    return { kind: 'remote', machines, reason: `${uris} can build it` };
  }
  const reason =
    fitting.length > 0
      ? `waiting for a machine to build '${derivation.drvPath}'`
      : refusalOf(derivation, features, refusal, configuration);
  return { kind: unbuilt(derivation, configuration), machines, reason };
}

/** Features that this machine lacks for a derivation. */
export function lackingFeatures(
  derivation: Derivation,
  { systemFeatures }: Pick<BuildConfiguration, 'systemFeatures'>,
): readonly string[] {
  return requiredFeaturesOf(derivation).filter((feature) => !systemFeatures.includes(feature));
}

/** May a substituter be asked for the outputs? */
export function maySubstitute(
  { allowSubstitutes }: Pick<Derivation, 'allowSubstitutes'>,
  { substitutes, alwaysAllowSubstitutes }: BuildConfiguration,
): boolean {
  return substitutes && (allowSubstitutes || alwaysAllowSubstitutes);
}

function unbuilt(derivation: Derivation, configuration: BuildConfiguration): 'substituted' | 'none' {
  return maySubstitute(derivation, configuration) ? 'substituted' : 'none';
}

/** Outputs whose paths are known only after the build need a feature of their own. */
function requiredFeaturesOf({ requiredSystemFeatures, outputs, fixedOutput }: Derivation): readonly string[] {
  const isFloating = !fixedOutput && outputs.some(({ path }) => path === undefined);
  return isFloating ? [...new Set([...requiredSystemFeatures, 'ca-derivations'])] : requiredSystemFeatures;
}

/** Undefined where this machine builds it. */
function localRefusal(
  derivation: Derivation,
  features: readonly string[],
  configuration: BuildConfiguration,
): LocalRefusal | undefined {
  const { system, builtin } = derivation;
  if (configuration.externalBuilderSystems.includes(system)) return undefined;
  const wrongSystem =
    !builtin && system !== configuration.system && !configuration.extraPlatforms.includes(system);
  const lacking = features.filter((feature) => !configuration.systemFeatures.includes(feature));
  // Lix keeps a job for what it builds itself.
  const noJobs = configuration.maxJobs === 0 && !(builtin && configuration.refusals === 'lix');
  if (!wrongSystem && lacking.length === 0 && !noJobs) return undefined;
  return { wrongSystem, lackingFeatures: lacking, noJobs };
}

function localBuild(
  { builtin, system }: Derivation,
  { system: own, externalBuilderSystems }: BuildConfiguration,
): Pick<Builders, 'kind' | 'reason'> {
  if (builtin) return { kind: 'builtin', reason: 'Nix itself builds it' };
  if (externalBuilderSystems.includes(system))
    return { kind: 'local', reason: `this machine's external-builders have '${system}'` };
  const reason =
    system === own ? `this machine is a '${own}'` : `this machine's extra-platforms have '${system}'`;
  return { kind: 'local', reason };
}

function fits(
  { systems, supportedFeatures, mandatoryFeatures }: BuildMachine,
  { system }: Derivation,
  features: readonly string[],
): boolean {
  return (
    (systems.includes(system) || system === 'builtin') &&
    features.every((feature) => supportedFeatures.includes(feature) || mandatoryFeatures.includes(feature)) &&
    mandatoryFeatures.every((feature) => features.includes(feature))
  );
}

/** {@link findBuilders}' kind for many derivations: those that ask for the same are looked at once. */
export function kindsOfBuilders(
  configuration: BuildConfiguration,
): (derivation: Derivation) => Builders['kind'] {
  const known = new Map<string, Builders['kind']>();
  return (derivation) => {
    const { system, builtin, preferLocalBuild, allowSubstitutes } = derivation;
    const flags = [builtin, preferLocalBuild, allowSubstitutes].map(Number).join('');
    const key = [system, flags, ...requiredFeaturesOf(derivation)].join(' ');
    let kind = known.get(key);
    if (kind === undefined) known.set(key, (kind = findBuilders(derivation, configuration).kind));
    return kind;
  };
}
