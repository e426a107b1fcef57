import type { Derivation, DerivationId, Gap, InputEdge } from '../model/derivation.ts';

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
}
