import type { SourceRange } from './location.ts';

/** An error of the user's Nix code, or of running Nix. */
export interface EvaluationError {
  readonly message: string;
  readonly source?: SourceRange;
  /** What is wrong is said where the target is written down; the path that it names there, if it is one. */
  readonly refused?: { readonly path?: string };
  /** From where something was to be fetched, and could not be. */
  readonly fetched?: string;
  /** The argument of the target's file whose default was to be fetched, and what kind of value it takes. */
  readonly argument?: { readonly name: string; readonly value: 'PATH' | 'EXPRESSION' };
  /** What the person can do next, where we know it. */
  readonly advice?: string;
  /** What a program can do about it, once the person agrees. */
  readonly action?: EvaluationErrorAction;
}

export type EvaluationErrorAction =
  /** `fetch-inputs`: downloads the inputs of the flake in this directory; `lock`: writes its lock file. */
  | { readonly kind: 'fetch-inputs' | 'lock'; readonly flake: string }
  /** Evaluates once with the network, so that what is missing is in Nix's cache. */
  | { readonly kind: 'fetch' }
  /** Remembers that the targets of this workspace may name this absolute path and what is in it. */
  | { readonly kind: 'allow-path'; readonly path: string };

/** A repository's files ask for something that they may not have: nothing was evaluated. */
export class RefusedTargetError extends Error {
  override readonly name = 'RefusedTargetError';
  readonly errors: readonly EvaluationError[];

  /** @param errors at least one */
  constructor(errors: readonly EvaluationError[]) {
    super(errors.map(({ message }) => message).join('\n'));
    this.errors = errors;
  }
}
