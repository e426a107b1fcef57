import type { CauseKind, CauseStep } from '../model/report.ts';
import type { DerivationId } from '../model/derivation.ts';
import type { System } from '../model/system.ts';
import type { Expression, Span } from '../syntax/ast.ts';
import { rangeIn, textOf, type SourceFile } from '../syntax/sourceFile.ts';
import { describeCause, type Shadow, type TracedCause } from './describeCause.ts';
import type { EvidenceIndex } from './evidence.ts';
import type { Entered } from './functionValues.ts';
import type { PlacedExpression } from './placedExpression.ts';

/** Where an expression's value comes from. */
export interface Provenance {
  /** The expression nearest to the cause that still has the value itself. */
  readonly origin: PlacedExpression;
  readonly cause: TracedCause;
  /** The way left a function to one of its callers: the function itself may be right for all others. */
  readonly isThroughCaller?: true;
}

/** How far one way from an expression towards its cause has come. Immutable: a dead end costs nothing. */
export interface Walk {
  readonly steps: readonly CauseStep[];
  /** Functions whose bodies were entered, with their arguments. */
  readonly entered: Entered;
  readonly origin: PlacedExpression;
  /** What is followed still is the derivation, not a set that contains it. */
  readonly isValue: boolean;
  /** What is followed became a system: only then one that is written down is the cause. */
  readonly isSystem: boolean;
  readonly shadow?: Shadow;
  /** Where it was taken from the packages for the build platform. */
  readonly buildSet?: { readonly source: SourceFile; readonly span: Span };
}

/** How an expression was followed: which attributes were taken of it, through which calls, and whether as a system. */
export interface Visit {
  readonly path: string;
  readonly entered: Entered;
  readonly isSystem: boolean;
}

/** What all ways from one expression share. */
export interface Trace {
  readonly index: EvidenceIndex;
  /** The derivation whose system is to be explained. */
  readonly sought: DerivationId;
  /** The systems that the consumers need. */
  readonly expected: readonly System[];
  /** The systems that the input has instead: only what explains them is a cause. */
  readonly wrong: readonly System[];
  /** Expressions that were followed already, each with how. */
  readonly visited: Map<Expression, Visit[]>;
  /** The farthest place that still had the value, for where no cause can be named. */
  farthest: PlacedExpression;
}

/** Where a way has come to, for whoever follows what stands there. */
export interface Waypoint {
  readonly source: SourceFile;
  /** The attributes that are taken of it. */
  readonly path: readonly string[];
  readonly trace: Trace;
  readonly walk: Walk;
}

/** An expression to be followed, from which the attributes `path` are taken. */
export interface Next {
  readonly place: PlacedExpression;
  readonly path: readonly string[];
  readonly walk: Walk;
}

/**
 * How one form of expression is followed: it yields the expressions behind it,
 * one after the other, is told where each leads, and returns where it leads
 * itself. So no form knows how another one is followed.
 */
export type Way<Result = Provenance | undefined> = Generator<Next, Result, Provenance | undefined>;

/** Follows one expression further. */
export function* follow(place: PlacedExpression, path: readonly string[], walk: Walk): Way {
  return yield { place, path, walk };
}

/** From here on the walk follows a set that has the value, no longer the value. */
export function leaveValue(walk: Walk): Walk {
  return { ...walk, isValue: false };
}

/** From here on the walk follows what became a derivation's or a package set's system. */
export function followSystem(walk: Walk): Walk {
  return { ...walk, isValue: false, isSystem: true };
}

export function addStep(walk: Walk, source: SourceFile, span: Span, message: string): Walk {
  const step = { source: rangeIn(source, span), text: textOf(source, span), message };
  return { ...walk, steps: [...walk.steps, step] };
}

/** The end of a walk. */
export function endAt(
  walk: Walk,
  kind: CauseKind,
  source: SourceFile,
  span: Span,
  reason: string,
): Provenance {
  return {
    origin: walk.origin,
    cause: describeCause({ kind, source, span, reason }, walk.steps, walk.shadow),
  };
}

/** The first of several ways that leads somewhere. */
export function* firstOf<T>(candidates: Iterable<T>, attempt: (candidate: T) => Way): Way {
  for (const candidate of candidates) {
    const found = yield* attempt(candidate);
    if (found) return found;
  }
  return undefined;
}
