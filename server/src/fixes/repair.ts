import type { TracedCause } from '../attribution/describeCause.ts';
import type { AttributedLeak } from '../model/report.ts';
import type { SourceRange } from '../model/location.ts';
import type { System } from '../model/system.ts';
import { resolveName, type Scope } from '../syntax/scopes.ts';
import { rangeIn, type SourceFile } from '../syntax/sourceFile.ts';
import type { Lambda, Span } from '../syntax/ast.ts';
import type { BuildPackageSet } from './buildPackageSet.ts';
import type { SourceEdit } from './fix.ts';
import type { PlacedExpression } from '../attribution/placedExpression.ts';

/** All that a repair may look at: one cause, the leaks that it makes, and the source around it. */
export interface RepairContext {
  readonly leaks: readonly AttributedLeak[];
  readonly cause: TracedCause;
  readonly causePlace?: PlacedExpression;
  readonly origin?: PlacedExpression;
  /** The place to repair first of every leak, without repetition. */
  readonly origins: readonly PlacedExpression[];
  /**
   * All places through which the leaks come in, without repetition: those first
   * that stand in the expression of a derivation that has a leak as its input.
   */
  readonly places: readonly LeakPlace[];
  /** Names of package sets whose packages run on the expected system, as they were seen in the file of the origin. */
  readonly rightSets: readonly string[];
  /** The system that the consumers need. */
  readonly expected: System;
  /** Some consumer's outputs run on another system than it is built on. */
  readonly isCrossCompiled: boolean;
  /** So does every one, and the leaks run where their consumers are built. */
  readonly isOfBuildPlatform: boolean;
  /** The names of the set of packages that run on the build platform; the one that is wanted first. */
  readonly buildSets: readonly BuildPackageSet[];
}

/** A place through which leaks come in. */
export interface LeakPlace extends PlacedExpression {
  /** It stands in the expression of a derivation that has a leak as its input: it is the use, or close to it. */
  readonly isInConsumer: boolean;
}

/** An edit that may repair a cause; only an evaluation can tell. */
export interface Candidate {
  readonly title: string;
  readonly edits: readonly SourceEdit[];
  /** Where that is defined which the edits name: another repair of it would show something else. */
  readonly reads?: readonly SourceRange[];
  /**
   * It changes for which platform the consumers of the leaks are, and what needs
   * those up to the root, and not the inputs.
   */
  readonly movesConsumers?: true;
  /**
   * Edits that change nothing if the package is the one that the edits suppose:
   * by them the same name of the set as it is, in the place of its twin's.
   */
  readonly control?: readonly SourceEdit[];
  /** It may change what was meant: a person has to choose. */
  readonly isDoubtful?: true;
  /** It writes a system down: what follows a name in scope is better. */
  readonly isWrittenDown?: true;
  /** What only one of is needed: another spelling, or another way to the same. */
  readonly purpose?: string;
  /** It gives the consumers of the leaks an input that they did not have. */
  readonly addsInputs?: true;
}

/** Proposes edits for the causes that it knows; an empty list for the others. */
export type Repair = (context: RepairContext) => readonly Candidate[];

/** An edit that replaces a stretch of a file; its lines end as those of the file. */
export function replace(source: SourceFile, span: Span, newText: string): SourceEdit {
  const [lineBreak] = /\r?\n/.exec(source.text) ?? [];
  const text = lineBreak === '\r\n' ? newText.replace(/\r?\n/g, lineBreak) : newText;
  return { ...rangeIn(source, span), newText: text };
}

/** An edit that inserts at an offset. */
export function insert(source: SourceFile, offset: number, newText: string): SourceEdit {
  return replace(source, { start: offset, end: offset }, newText);
}

/**
 * An edit that adds a formal, where the others stand in one line in front of
 * them, else in a line of its own; undefined where a function has none by name.
 */
export function addFormal(source: SourceFile, lambda: Lambda, name: string): SourceEdit | undefined {
  const [first, second] = lambda.formals ?? [];
  if (!first) return undefined;
  // The comma begins the lines: `{ stdenv` and `, python3` below it.
  const next = second?.start ?? lambda.formalsSpan?.end ?? first.end;
  const between = source.text.slice(first.end, next);
  const leading = second && /\n([ \t]*,[ \t]*)$/.exec(between)?.[1];
  if (leading !== undefined) return insert(source, next, `${name}\n${leading}`);
  const before = source.text.slice(lambda.start, first.start);
  const ownLine = /\{[ \t]*(\r?\n[ \t]*)$/.exec(before)?.[1];
  return insert(source, first.start, `${name},${ownLine ?? ' '}`);
}

/** An edit that adds a formal behind another one, set apart as the others are. */
export function addFormalAfter(
  source: SourceFile,
  { formals = [] }: Lambda,
  index: number,
  text: string,
): SourceEdit | undefined {
  const formal = formals[index];
  if (!formal) return undefined;
  const [one, other] = index > 0 ? [formals[index - 1], formal] : [formal, formals[index + 1]];
  const between = one && other ? source.text.slice(one.end, other.start) : '';
  return insert(source, formal.end, (/^\s*,\s*$/.test(between) ? between : ', ') + text);
}

/** Is there a lexical binding of this name in a scope? */
export function isBound(name: string, scope: Scope): boolean {
  return resolveName(name, scope).kind === 'lexical';
}
