import type { BuildConfiguration } from '../model/buildConfiguration.ts';
import type { Derivation } from '../model/derivation.ts';

/** Why this machine does not build a derivation; several may be true at once. */
export interface LocalRefusal {
  readonly wrongSystem: boolean;
  readonly lackingFeatures: readonly string[];
  readonly noJobs: boolean;
}

/**
 * What Nix prints where neither this machine nor another one builds a
 * derivation, up to where it points at its manual. Its lines are kept.
 *
 * @param features those that the derivation requires
 */
export function refusalOf(
  derivation: Derivation,
  features: readonly string[],
  refusal: LocalRefusal,
  configuration: BuildConfiguration,
): string {
  const { refusals } = configuration;
  const waitsForJob = refusals === '2.33' ? derivation.builtin : refusals !== 'lix' && refusals !== '2.34';
  if (refusal.noJobs && waitsForJob) return noJobsLeft(configuration);
  const { drvPath, system } = derivation;
  const own = configuration.system;
  switch (refusals) {
    case '2.4':
    case '2.21':
    case '2.27':
    case 'lix':
      if (refusals === '2.27' && needsRosetta(system, own))
        return `run \`/usr/sbin/softwareupdate --install-rosetta\` to enable your ${own} to run programs for ${system}`;
      return (
        `a '${system}' with features ${setOf(features)} is required to build '${drvPath}', ` +
        `but I am a '${own}' with features ${setOf(configuration.systemFeatures)}`
      );
    case '2.30':
    case '2.33':
      return lines(
        `Cannot build '${drvPath}'.`,
        'Reason: required system or feature not available',
        `Required system: '${system}' with features ${setOf(features)}`,
        `Current system: '${own}' with features ${setOf(configuration.systemFeatures)}`,
        needsRosetta(system, own) && rosettaNote,
      );
    case '2.34':
      return lines(
        `Cannot build '${drvPath}'.`,
        refusal.noJobs && 'Reason: local builds are disabled (max-jobs = 0)',
        refusal.noJobs &&
          "Hint: set 'max-jobs' to a non-zero value to enable local builds, or configure remote builders via 'builders'",
        refusal.wrongSystem && 'Reason: platform mismatch',
        refusal.wrongSystem && `Required system: '${system}'`,
        refusal.wrongSystem && `Current system: '${own}'`,
        refusal.lackingFeatures.length > 0 && 'Reason: missing system features',
        refusal.lackingFeatures.length > 0 && `Required features: ${setOf(features)}`,
        refusal.lackingFeatures.length > 0 && `Available features: ${setOf(configuration.systemFeatures)}`,
        refusal.wrongSystem && needsRosetta(system, own) && rosettaNote,
      );
  }
}

/** Nix waits until a job is free, and sees in the end that there never will be one. */
function noJobsLeft({ machines, refusals }: BuildConfiguration): string {
  const unable = refusals === '2.4' ? 'unable' : 'Unable';
  return machines.length === 0
    ? `${unable} to start any build; either increase '--max-jobs' or enable remote builds.`
    : `${unable} to start any build; remote machines may not have all required system features.`;
}

function needsRosetta(system: string, own: string): boolean {
  return system === 'x86_64-darwin' && own === 'aarch64-darwin';
}

const rosettaNote =
  'Note: run `/usr/sbin/softwareupdate --install-rosetta && launchctl stop org.nixos.nix-daemon` to run programs for x86_64-darwin';

function lines(...all: readonly (string | false)[]): string {
  return all.filter((line) => line !== false).join('\n');
}

/** Sorted, as Nix's sets are. */
function setOf(features: readonly string[]): string {
  return `{${[...new Set(features)].sort().join(', ')}}`;
}
