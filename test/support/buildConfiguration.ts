import type { BuildConfiguration } from '../../server/src/model/buildConfiguration.ts';

/** A machine alone, without machines or substituters to ask. */
export const alone: BuildConfiguration = {
  system: 'x86_64-linux',
  extraPlatforms: ['i686-linux'],
  systemFeatures: ['kvm'],
  maxJobs: 2,
  externalBuilderSystems: [],
  machines: [],
  unreadableMachines: [],
  substitutes: false,
  alwaysAllowSubstitutes: false,
  fallback: false,
  refusals: '2.34',
};
