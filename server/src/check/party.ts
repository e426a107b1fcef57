import type { Derivation } from '../model/derivation.ts';
import type { System } from '../model/system.ts';

/**
 * Where an input must run, relative to its consumer.
 * - `build`: on the consumer's build platform;
 * - `host`: on its host platform;
 * - `target`: on its target platform, which few derivations name;
 * - `either`: on the build or the host platform.
 */
export type NeededAt = 'build' | 'host' | 'target' | 'either';

/** A derivation whose outputs run somewhere, as a consumer or an input of an edge. */
export interface Party {
  readonly derivation: Derivation;
  readonly build: System;
  /** Undefined where it is cross-compiled and does not say for what. */
  readonly host: System | undefined;
  /** Host and build platform are the same: then the host platform is as certain as `system`. */
  readonly native: boolean;
  /** For what it makes code, where that is known. */
  readonly target: System | undefined;
}
