import type { SourceRange } from './location.ts';

/** An error of the user's Nix code, or of running Nix. */
export interface EvaluationError {
  readonly message: string;
  readonly source?: SourceRange;
  /** What the person can do next, where we know it. */
  readonly advice?: string;
  /** What a program can do about it, once the person agrees. */
  readonly action?: EvaluationErrorAction;
}

/**
 * - `fetch-inputs`: downloads the inputs of the flake in this directory;
 * - `lock`: writes its lock file;
 * - `fetch`: evaluates once with the network, so that what is missing is in Nix's cache.
 */
export type EvaluationErrorAction =
  { readonly kind: 'fetch-inputs' | 'lock'; readonly flake: string } | { readonly kind: 'fetch' };
