import type { DerivationId } from './derivation.ts';
import type { SourceRange } from './location.ts';
import type { System } from './system.ts';

/** Which form of the language an observed expression stands in. */
export type ObservedForm =
  | 'list-element'
  | 'binding'
  | 'inherit'
  | 'interpolation'
  | 'argument'
  | 'result';

/** The platforms of a package set, as its own `stdenv` names them. */
export interface PackageSetPlatforms {
  readonly build: System;
  readonly host: System;
}

/**
 * What Nix said about one expression of the workspace while the target was
 * evaluated. One expression may have several values (a function that is called
 * for several systems); all of them are kept.
 */
export interface Observation {
  readonly source: SourceRange;
  readonly form: ObservedForm;
  /** The expression's text. */
  readonly text: string;
  /** Its values that belong to the root's closure, without repetition. */
  readonly derivations: readonly DerivationId[];
  /** The package set that it was selected from (`pkgs` in `pkgs.hello`), where it is one. */
  readonly packageSet?: { readonly source: SourceRange; readonly platforms: readonly PackageSetPlatforms[] };
}
