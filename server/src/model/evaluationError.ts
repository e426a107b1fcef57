import type { SourceRange } from './location.ts';

/** An error of the user's Nix code, or of running Nix. */
export interface EvaluationError {
  readonly message: string;
  readonly source?: SourceRange;
  /** What the person can do next, where we know it. */
  readonly advice?: string;
}
