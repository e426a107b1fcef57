import type { DerivationId } from './derivation.ts';
import type { SourceRange } from './location.ts';
import type { System } from './system.ts';

/** Which form of the language an observed expression stands in. */
export type ObservedForm = 'list-element' | 'binding' | 'inherit' | 'interpolation' | 'argument' | 'result';

/** The platforms of a package set, as its own `stdenv` names them. */
export interface PackageSetPlatforms {
  readonly build: System;
  readonly host: System;
  /** For what its compilers make code. */
  readonly target: System;
}

/** A package set as it was observed at the place that names it. */
export interface ObservedPackageSet {
  readonly source: SourceRange;
  readonly platforms: readonly PackageSetPlatforms[];
  /**
   * Where its name got the value, the nearest place first: a binding's value, a
   * formal, a parameter, or an inherited name. Empty where it has no name, or a
   * `with` gives it.
   */
  readonly boundAt: readonly SourceRange[];
}

/** A `with` that has the name, yet loses against a lexical binding of it. */
export interface ShadowedWith {
  /** The expression behind `with`. */
  readonly environment: SourceRange;
  /** Host platforms of the value that the name would have there; empty where unknown. */
  readonly hosts: readonly System[];
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
  readonly packageSet?: ObservedPackageSet;
  /** The package set that the expression itself is (`pkgs` in `{ inherit pkgs; }`). */
  readonly ownPackageSet?: ObservedPackageSet;
  /** Derivations of the closure that `override` and its like made of its values, elsewhere. */
  readonly made?: readonly DerivationId[];
  /** Store paths of its values that were evaluated, and on which the root does not depend. */
  readonly outside?: readonly string[];
  /** The expressions behind the `with`s that gave the name. */
  readonly givenBy?: readonly SourceRange[];
  readonly shadowed?: readonly ShadowedWith[];
}
