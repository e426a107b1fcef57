import type { BuildConfiguration } from './buildConfiguration.ts';
import type { JudgementContext } from './judgementContext.ts';
import type { DerivationGraph } from './derivationGraph.ts';
import type { Judgement, Leak } from './judgement.ts';
import type { SourceRange } from './location.ts';
import type { Observation } from './observation.ts';
import type { EvaluationRequest } from './target.ts';
import type { System } from './system.ts';

/** Why a package set (or another expression) has the platform that it has. */
export type CauseKind =
  | 'package-set-without-system'
  | 'shadowed-with'
  | 'current-system'
  | 'hard-coded-system'
  | 'wrong-flake-system'
  | 'system-option'
  | 'argument'
  | 'unspliced'
  | 'other-package-set'
  | 'package-set'
  | 'unknown';

/** A step on the way from an origin to its cause, for related information. */
export interface CauseStep {
  readonly source: SourceRange;
  readonly text: string;
  /** E.g. "`pkgs` is this `let` binding". */
  readonly message: string;
}

/** Index into {@link Report.causes}. */
export type CauseId = number;

/**
 * What one repair changes: leaks of one cause belong together. It is the
 * expression that chose their platform; where that cannot be told, the one
 * through which they come in; and where none of the workspace was seen, it has
 * no place, and is that of all leaks of one rule whose inputs have one name.
 */
export interface Cause {
  readonly source?: SourceRange;
  readonly text?: string;
}

/** Why an input has its platform, seen from its origin. */
export interface Reason {
  /**
   * `unknown`: the leak's cause is only where it comes in; `package-set`: no
   * expression of the workspace is to blame, but a package of nixpkgs or its like.
   */
  readonly kind: CauseKind;
  /**
   * The cause is that of its consumers, which follow the evaluating machine,
   * while the input's system was named: it is they that are for the wrong platform.
   */
  readonly isOfConsumers?: true;
  /** One or two sentences, naming what won and what lost. */
  readonly message: string;
  /** From the origin (excluded) to the cause (included). */
  readonly steps: readonly CauseStep[];
}

/**
 * An expression of the workspace whose value is a leaked input derivation, or
 * what a script there says that shows the mistake.
 */
export interface Origin {
  readonly source: SourceRange;
  readonly text: string;
  /** What of it an editor marks, where that is not all of it: of a call of many lines the function. */
  readonly marked?: SourceRange;
  /**
   * Set where no expression of the workspace is the input itself: this one is
   * the nearest derivation above it, of that name, through which it comes in.
   */
  readonly through?: string;
  /** It is what a script says: a line of a string, a flag, or all that a variable is given. */
  readonly isScript?: true;
}

/** A leak together with the source that is to blame. */
export interface AttributedLeak extends Leak {
  /** The place to repair first comes first; empty where nothing was observed. */
  readonly origins: readonly Origin[];
  readonly cause: CauseId;
  /** Undefined where nobody's choice of a system is to blame, or nothing was observed. */
  readonly reason?: Reason;
  /** Foreign derivations that leave the closure when its cause is repaired: the same for all leaks that it has edges of. */
  readonly bringsIn: number;
}

/** The expression that chose a leak's platform; undefined where none could be named. */
export function decisiveCause(
  { cause, reason }: Pick<AttributedLeak, 'cause' | 'reason'>,
  { causes }: Pick<Report, 'causes'>,
): Cause | undefined {
  return reason && reason.kind !== 'unknown' ? causes[cause] : undefined;
}

/** How the probes fared; for the output channel, the JSON and the tests. */
export interface ProbeStatistics {
  readonly placed: number;
  readonly fired: number;
  readonly files: number;
  /** 0: all probes; higher: fewer; undefined: plain evaluation only. */
  readonly level?: number;
  /** Why a fuller set of probes was not usable. */
  readonly fallbackReason?: string;
}

/**
 * The narrow waist: the immutable outcome of one run. Editor answers, the tree
 * and the command's output are all made of it.
 */
export interface Report {
  readonly request: EvaluationRequest;
  readonly evaluatedAs: System;
  readonly graph: DerivationGraph;
  readonly judgement: Judgement;
  /** Worst first. */
  readonly leaks: readonly AttributedLeak[];
  /** A leak names its cause by the place in this list. */
  readonly causes: readonly Cause[];
  readonly observations: readonly Observation[];
  /** Defaults of arguments that were used. */
  readonly usedDefaults?: readonly SourceRange[];
  readonly probes: ProbeStatistics;
  /** Milliseconds since the run started, by the name of the step that ended then. */
  readonly timings: ReadonlyMap<string, number>;
  /** The workspace's files that the run read, by absolute path, with the text that was evaluated. */
  readonly sources: ReadonlyMap<string, string>;
  /** Those of them that the evaluation really read; undefined where that cannot be told. */
  readonly filesRead?: readonly string[];
  /** What the judgement knew of this machine. */
  readonly context?: JudgementContext;
  /**
   * The settings of Nix that decide who builds the closure; undefined where it
   * is evaluated as another machine than this one, whose settings are not known.
   */
  readonly builders?: BuildConfiguration;
}
