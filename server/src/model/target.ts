import type { System } from './system.ts';

/** Arguments in Nix's own words, as `nix-instantiate` takes them. */
export interface EvaluationArguments {
  /** `--arg NAME EXPRESSION`. */
  readonly arg: readonly (readonly [name: string, expression: string])[];
  /** `--argstr NAME STRING`. */
  readonly argstr: readonly (readonly [name: string, value: string])[];
  /** `-I PATH` or `-I NAME=PATH`. */
  readonly include: readonly string[];
  /** `--option NAME VALUE`. */
  readonly option: readonly (readonly [name: string, value: string])[];
}

/** What is evaluated to get a root derivation. */
export type EvaluationTarget =
  | {
      readonly kind: 'file';
      /** Absolute path, or a search path such as `<nixpkgs/nixos>`. */
      readonly file: string;
      /** Attribute path as `nix-instantiate -A` takes it; empty for the file's own value. */
      readonly attribute: string;
      readonly arguments: EvaluationArguments;
    }
  | {
      readonly kind: 'flake';
      /** What stands before `#`: an absolute path or a flake reference. */
      readonly flake: string;
      /** Attribute path behind `#`, as typed by the user; empty for the default package. */
      readonly attribute: string;
      readonly arguments: EvaluationArguments;
    }
  | {
      /** A derivation that exists already: nothing is evaluated. */
      readonly kind: 'derivation';
      readonly drvPath: string;
    };

/** A target together with the system that it is evaluated as. */
export interface EvaluationRequest {
  readonly target: EvaluationTarget;
  /** Sets `builtins.currentSystem`; undefined: this machine's. */
  readonly evaluateAs?: System;
}
