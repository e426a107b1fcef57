import type { DerivationId } from './derivation.ts';
import type { RuleId } from './judgement.ts';
import type { SourceRange } from './location.ts';

/** A replacement in the text that was evaluated, with what it does. */
export interface SuppressionEdit extends SourceRange {
  readonly title: string;
  readonly newText: string;
}

/** A comment that allows what some rules find at one place. */
export interface Suppression {
  /** The comment. */
  readonly source: SourceRange;
  readonly rules: readonly RuleId[];
  readonly reason: string;
  /** What starts on this line, counted from zero, is allowed; undefined where nothing follows the comment. */
  readonly line: number | undefined;
  /** The names of the rules. */
  readonly named: SourceRange;
  /** The comment with the blanks, or the lines, that go with it. */
  readonly removal: SourceRange;
}

/** A comment that is meant to be a suppression, and is not heeded. */
export interface SuppressionProblem {
  readonly source: SourceRange;
  /** Sentences for people: what is wrong, and what to write. */
  readonly message: string;
  /** The simplest one first. */
  readonly edits: readonly SuppressionEdit[];
}

/** Where a suppression is to be written, and what stands around the comment's text there. */
export interface SuppressionPlace extends SourceRange {
  readonly before: string;
  readonly after: string;
}

/** What the texts of one evaluation say of its leaks. */
export interface SourceSuppressions {
  readonly all: readonly Suppression[];
  readonly problems: readonly SuppressionProblem[];
  /** Those at the place of a leak, by the leak's input. */
  readonly byLeak: ReadonlyMap<DerivationId, readonly Suppression[]>;
  /** Where one could be written for a leak, by the leak's input. */
  readonly places: ReadonlyMap<DerivationId, SuppressionPlace>;
}

/** Tells a suppression from the others of the same texts. */
export function suppressionKey({ source: { file, range } }: Suppression): string {
  return `${file}:${range.start.line}:${range.start.character}`;
}
