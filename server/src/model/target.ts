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

/**
 * How a file that has no root of its own is made one:
 * - `call-package`: a function of packages, called by the package set's callPackage;
 * - `nixos`: a NixOS configuration, evaluated by the package set's NixOS;
 * - `nixops`: a machine of a NixOps network;
 * - `colmena`: a node of a colmena hive;
 * - `home-manager`, `darwin`: a configuration of Home Manager or nix-darwin.
 */
export type Composition = 'call-package' | 'nixos' | 'nixops' | 'colmena' | 'home-manager' | 'darwin';

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
      readonly kind: 'expression';
      /** What `nix-instantiate -E` takes. */
      readonly expression: string;
      /** Absolute path; relative paths in the expression and in its arguments start here. */
      readonly directory: string;
      /** Attribute path of the expression's value; empty for the value itself. */
      readonly attribute: string;
      readonly arguments: EvaluationArguments;
    }
  | {
      readonly kind: 'composed';
      readonly composition: Composition;
      /** Absolute path. */
      readonly file: string;
      /** The machine or node; empty where the composition has none. */
      readonly member: string;
      /** How nixpkgs is named: a Nix expression of its path, source or packages, such as `<nixpkgs>`. */
      readonly packageSet: string;
      /** How the source of Home Manager or nix-darwin is named: a Nix expression such as `<home-manager>`. */
      readonly source?: string;
      /** Arguments go to the file's function, or to the one that evaluates the configuration. */
      readonly arguments: EvaluationArguments;
    }
  | {
      /** A derivation that exists already: nothing is evaluated. */
      readonly kind: 'derivation';
      readonly drvPath: string;
    };

/** Absolute path of the file that a target is told of at; undefined where it has none. */
export function fileOfTarget(target: EvaluationTarget): string | undefined {
  switch (target.kind) {
    case 'file':
      return target.file.startsWith('/') ? target.file : undefined;
    case 'flake':
      return target.flake.startsWith('/') ? `${target.flake}/flake.nix` : undefined;
    case 'composed':
      return target.file;
    case 'expression':
    case 'derivation':
      return undefined;
  }
}

/** A target together with the system that it is evaluated as. */
export interface EvaluationRequest {
  readonly target: EvaluationTarget;
  /** Sets `builtins.currentSystem`; undefined: this machine's. */
  readonly evaluateAs?: System;
  /** Where the target's outputs are meant to run; undefined: what the target itself says of it. */
  readonly expect?: System;
}
