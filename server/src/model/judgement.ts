import type { DerivationId, EdgeRole } from './derivation.ts';
import type { System } from './system.ts';

export type Severity = 'error' | 'warning' | 'info';

/** What can be wrong, by the name under which it is explained, configured and suppressed; see `check/ruleTable.ts`. */
export const ruleIds = [
  'build-platform',
  'host-platform',
  'target-platform',
  'plain-reference',
  'build-script',
  'misplaced-tool',
  'missing-compiler',
  'own-program',
  'runtime-script',
  'expected-platform',
  'no-builder',
  'emulation',
  'fixed-output',
  'unused-suppression',
] as const;

export type RuleId = (typeof ruleIds)[number];

/** How what a rule finds is reported, as people set it; `off`: not at all. */
export const ruleLevels = ['off', 'info', 'warning', 'error'] as const;

export type RuleLevel = (typeof ruleLevels)[number];

/** What people set; a rule that is left out is reported as it is judged. */
export type RuleLevels = Readonly<Partial<Record<RuleId, RuleLevel>>>;

/** A place in a script of a derivation that shows how the script uses a path of an input. */
export interface ScriptUse {
  /** The variable that holds the script, such as `installPhase` or `buildCommand`. */
  readonly variable: string;
  /** Line of the variable's value, from one. */
  readonly line: number;
  /** That line, without white space around it. */
  readonly text: string;
  /** How often it is used so in that line; left out: once. */
  readonly times?: number;
  /** The word of that line that shows it, where a path of an input does not. */
  readonly word?: string;
  /** The line does nothing with an input but to hand it on to who uses it. */
  readonly isHandedOn?: true;
}

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
  /** Where the consumer's scripts show it; absent where its roles alone do. */
  readonly scriptUses?: readonly ScriptUse[];
}

/** What is wrong with a derivation, whoever uses it. */
export interface DerivationFault {
  readonly derivation: DerivationId;
  readonly rule: RuleId;
  readonly severity: Severity;
  /** On which of these systems it would have to run or be built. */
  readonly needs: readonly System[];
  /** Where it runs, or is built, instead. */
  readonly runsOn: System;
  /** One sentence for people, without the full stop. */
  readonly explanation: string;
  /** Where the derivation's own scripts show it; left out: nowhere. */
  readonly scriptUses?: readonly ScriptUse[];
}

/** A derivation that is wrong where it is used: all crossing edges that share one input, and its own faults. */
export interface Leak {
  readonly input: DerivationId;
  /** That of its worst edge or fault, as are the rule and the explanation. */
  readonly severity: Severity;
  readonly rule: RuleId;
  /** One sentence for people, without the full stop. */
  readonly explanation: string;
  /** Empty where only {@link faults} speak against it. */
  readonly edges: readonly CrossingEdge[];
  readonly faults: readonly DerivationFault[];
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
