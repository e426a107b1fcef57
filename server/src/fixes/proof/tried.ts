import type { AttributedLeak } from '../../model/report.ts';

/** A repair that was tried, perhaps with others: the leaks that it is meant for, in the closure before. */
export interface TriedRepair {
  readonly leaks: readonly AttributedLeak[];
  /**
   * It changes for which platform the consumers of the leaks are, and what needs
   * those up to the root, and not the inputs.
   */
  readonly movesConsumers: boolean;
  /** It gives consumers an input that they did not have. */
  readonly addsInputs: boolean;
}

/** What a repair makes worse. */
export interface Harm {
  /** Without a full stop. */
  readonly reason: string;
  /** The package that it is about, as {@link nativeName} has it. */
  readonly name: string;
}
