import type { Derivation } from '../model/derivation.ts';
import type { System } from '../model/system.ts';

/** Where outputs run, however sure that is; of what is the same on every system, where it is built. */
export function hostOrBuild({ host, system }: Derivation): System {
  return host.kind === 'system' ? host.system : system;
}

/** E.g. "on x86_64-linux for aarch64-linux". */
export function platformsOf(derivation: Derivation): string {
  const host = hostOrBuild(derivation);
  return host === derivation.system ? `on ${host}` : `on ${derivation.system} for ${host}`;
}

/** Undefined where it is only assumed, or where the content has no platform. */
export function knownHost({ host }: Derivation): System | undefined {
  return host.kind === 'system' && host.certainty !== 'assumed' ? host.system : undefined;
}

/** The same, but what is only assumed to be native is taken for that: undefined where it is cross-compiled for nobody knows what. */
export function likelyHost({ host, system }: Derivation): System | undefined {
  if (host.kind === 'neutral') return undefined;
  return host.certainty === 'assumed' && host.system !== system ? undefined : host.system;
}

/** Where the outputs of a cross-compiled derivation run; undefined of others, and where that is not known. */
export function crossHost(derivation: Derivation): System | undefined {
  const host = knownHost(derivation);
  return host === derivation.system ? undefined : host;
}
