import type { Derivation, DerivationId, Gap, InputEdge } from './derivation.ts';
import type { System } from './system.ts';

/** The platforms of the `stdenv` that a derivation was made with, as an evaluation named them. */
export interface EvaluatedPlatforms {
  readonly build: System;
  readonly host: System;
  /** Absent where it was named differently for one derivation: a native one is the same for every target. */
  readonly target?: System;
}

/**
 * The build-time closure of one root derivation: an immutable graph whose
 * edges point from consumers to input derivations. Compact inside; the methods
 * make views of it.
 */
export interface DerivationGraph {
  readonly root: DerivationId;
  /** Number of derivations; ids are `0 … size - 1`. */
  readonly size: number;
  readonly edgeCount: number;
  readonly gaps: readonly Gap[];
  derivation(id: DerivationId): Derivation;
  /** The build platform without making a view of the derivation. */
  system(id: DerivationId): string;
  inputs(id: DerivationId): readonly InputEdge[];
  /** Ids of the input derivations, without roles. */
  inputIds(id: DerivationId): Int32Array;
  /** Ids of the derivations that use this one. */
  consumerIds(id: DerivationId): Int32Array;
  findByDrvPath(drvPath: string): DerivationId | undefined;
  /** Finds the derivation that has this output path (floating outputs: their placeholder). */
  findByOutputPath(outputPath: string): DerivationId | undefined;
  /** The same graph, with what an evaluation said of some of its derivations. */
  withPlatforms(evaluated: ReadonlyMap<DerivationId, EvaluatedPlatforms>): DerivationGraph;
}
