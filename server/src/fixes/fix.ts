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
  /** Present where it is proven for all targets that read an edited file. */
  readonly proven?: ProvenTogether;
}

/** Which of the repairs that were found at once belong together; the texts say nothing else. */
export interface ProvenTogether {
  /** The same for all repairs of one cause, of which only one is needed. */
  readonly cause: string;
  /** The same for all repairs that one evaluation proved: what may be applied at once. */
  readonly trial: string;
  /** In some target, something of the same cause stays wrong. */
  readonly isPartial: boolean;
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
