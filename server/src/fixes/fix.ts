import type { SourceRange } from '../model/location.ts';
import type { DerivationId } from '../model/derivation.ts';

/** A replacement in one file. */
export interface SourceEdit extends SourceRange {
  readonly newText: string;
}

/** A repair of a cause, with what its evaluation proved. */
export interface Fix {
  readonly title: string;
  readonly edits: readonly SourceEdit[];
  /** The inputs of the leaks that it removes, or is meant to remove. */
  readonly repairs: readonly DerivationId[];
  /** It may change what was meant, however right the outcome is: a person has to choose. */
  readonly isDoubtful?: true;
  /** What the evaluation of the repaired source showed. */
  readonly proof: FixProof;
}

export type FixProof =
  | {
      readonly kind: 'proven';
      /** E.g. "543 → 0 darwin-built, 3 derivations change". */
      readonly statement: string;
      /** Something of the same cause stays wrong: there is more to repair. */
      readonly isPartial?: true;
    }
  | { readonly kind: 'unproven'; /** Why not. */ readonly reason: string };
