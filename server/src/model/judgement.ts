import type { DerivationId, EdgeRole } from './derivation.ts';
import type { System } from './system.ts';

export type Severity = 'error' | 'warning' | 'info';

/**
 * Which promise an edge breaks.
 * - `build-platform`: what runs while the consumer is built cannot run there;
 * - `host-platform`: what the consumer's outputs need cannot run where they run;
 * - `target-platform`: what a compiler gives its products is of another kernel altogether;
 * - `plain-reference`: a referenced path can run neither at build nor at run time;
 * - `fixed-output`: the content is the same on every system, yet where it is not
 *   substituted it needs a builder of another system (a note).
 */
export type RuleId =
  'build-platform' | 'host-platform' | 'target-platform' | 'plain-reference' | 'fixed-output';

/** An edge that breaks a rule. */
export interface CrossingEdge {
  readonly consumer: DerivationId;
  readonly input: DerivationId;
  readonly roles: readonly EdgeRole[];
  readonly rule: RuleId;
  readonly severity: Severity;
  /** On which of these systems the input would have to run. */
  readonly needs: readonly System[];
  /** Where it runs instead. */
  readonly runsOn: System;
  /** One sentence for people, e.g. why it is only a note. */
  readonly explanation: string;
}

/** All crossing edges that share one input derivation. */
export interface Leak {
  readonly input: DerivationId;
  /** That of its worst edge, as is the rule. */
  readonly severity: Severity;
  readonly rule: RuleId;
  readonly edges: readonly CrossingEdge[];
  /** One shortest path, from the root to the input, both included. */
  readonly path: readonly DerivationId[];
}

/** What a whole closure was judged to be. */
export interface Judgement {
  /** Worst first, then by how much they bring in. */
  readonly leaks: readonly Leak[];
  /** Number of derivations by build platform, `builtin` for builtin builders. */
  readonly bySystem: ReadonlyMap<System, number>;
}
