import type { DerivationId } from '../model/derivation.ts';
import { placeKey, type SourceRange } from '../model/location.ts';
import type { Observation } from '../model/observation.ts';
import { perStep, type Steps } from '../model/slices.ts';
import type { System } from '../model/system.ts';
import type { Expression, Lambda, Span } from '../syntax/ast.ts';
import { resolveName } from '../syntax/scopes.ts';
import { expressionAt, rangeIn, type SourceFile } from '../syntax/sourceFile.ts';
import { CallerIndex } from './callers.ts';
import { callsOf, wholeCall, type CallOf, type Calls } from './functionValues.ts';
import { leaves } from './setLiterals.ts';
import type { PlacedExpression } from './placedExpression.ts';
import { WrittenStrings } from './writtenStrings.ts';

/** What an evaluation told about the workspace's expressions, as far as causes need it. */
export interface Evidence {
  readonly sources: ReadonlyMap<string, SourceFile>;
  readonly observations: readonly Observation[];
  /** Formals' defaults that were used. */
  readonly usedDefaults: readonly SourceRange[];
  /** Arguments that the target itself was given, by name. */
  readonly givenArguments: ReadonlySet<string>;
  readonly evaluatedAs: System;
  /** Where the target is meant to run; undefined where nothing says so. */
  readonly meantFor?: System;
}

/** The calls of a function, with what was seen to come of them. */
export interface ObservedCalls extends Calls {
  /** Those that were seen to give a derivation. */
  readonly giving: (id: DerivationId) => readonly CallOf[];
}

/** Evidence with the indexes that a walk through the source needs; made once for a report. */
export class EvidenceIndex {
  readonly evidence: Evidence;
  readonly callers: CallerIndex;
  readonly #byPlace = new Map<string, Observation>();
  readonly #usedDefaults = new Set<string>();
  readonly #calls = new Map<Lambda, ObservedCalls>();
  readonly #strings = new Map<SourceFile, WrittenStrings>();

  private constructor(evidence: Evidence, callers: CallerIndex) {
    this.evidence = evidence;
    this.callers = callers;
    for (const range of evidence.usedDefaults) this.#usedDefaults.add(placeKey(range));
  }

  static *of(evidence: Evidence): Steps<EvidenceIndex> {
    const index = new EvidenceIndex(evidence, yield* CallerIndex.of(evidence.sources));
    for (const [place, observation] of evidence.observations.entries()) {
      if (place % perStep === 0) yield;
      index.#byPlace.set(placeKey(observation.source), observation);
    }
    return index;
  }

  observationAt(source: SourceFile, span: Span): Observation | undefined {
    return this.#byPlace.get(placeKey(rangeIn(source, span)));
  }

  /** The calls of a function, looked at once however many leaks ask. */
  callsOf(lambda: Lambda, source: SourceFile): ObservedCalls {
    const known = this.#calls.get(lambda) ?? this.#observed(callsOf(lambda, source, this.callers));
    this.#calls.set(lambda, known);
    return known;
  }

  /** The strings of a file, gathered once however many leaks ask. */
  *stringsOf(source: SourceFile): Steps<WrittenStrings> {
    const known = this.#strings.get(source) ?? (yield* WrittenStrings.of(source));
    this.#strings.set(source, known);
    return known;
  }

  isUsedDefault(source: SourceFile, span: Span): boolean {
    return this.#usedDefaults.has(placeKey(rangeIn(source, span)));
  }

  /** Was this, or what it is bound to, seen to be a derivation? */
  isDerivation(source: SourceFile, expression: Expression): boolean {
    if (this.#hasDerivations(source, expression)) return true;
    if (expression.kind !== 'variable') return false;
    const resolution = resolveName(expression.name, source.scopes.scopeOf(expression));
    if (resolution.kind !== 'lexical' || resolution.definition.kind !== 'binding') return false;
    return leaves(resolution.definition.binding.value).some((leaf) => this.#hasDerivations(source, leaf));
  }

  /** Shadowed `with`s are reported with the selection (`pkgs.nix`) whose base is the name. */
  shadowsAt(source: SourceFile, span: Span): Observation['shadowed'] {
    const own = this.observationAt(source, span)?.shadowed;
    if (own) return own;
    const expression = expressionAt(source, span);
    let parent = expression && source.scopes.parentOf(expression);
    while (parent?.kind === 'parenthesized') parent = source.scopes.parentOf(parent);
    return parent?.kind === 'select' ? this.observationAt(source, parent)?.shadowed : undefined;
  }

  placeOf(range: SourceRange): PlacedExpression | undefined {
    const source = this.evidence.sources.get(range.file);
    if (!source) return undefined;
    const span = {
      start: source.lines.offsetAt(range.range.start),
      end: source.lines.offsetAt(range.range.end),
    };
    const expression = expressionAt(source, span);
    return expression && { source, expression };
  }

  #observed(calls: Calls): ObservedCalls {
    const giving = new Map<DerivationId, CallOf[]>();
    for (const call of calls.calls) {
      for (const id of new Set(this.observationAt(call.source, wholeCall(call))?.derivations)) {
        const others = giving.get(id);
        if (others) others.push(call);
        else giving.set(id, [call]);
      }
    }
    return { ...calls, giving: (id) => giving.get(id) ?? [] };
  }

  #hasDerivations(source: SourceFile, span: Span): boolean {
    return (this.observationAt(source, span)?.derivations.length ?? 0) > 0;
  }
}
