import type { EvaluationArguments, EvaluationTarget } from '../model/target.ts';
import { hiveNodes, networkMachines } from '../nix/machines.ts';
import { nixString } from '../nix/nixString.ts';
import { pathExpression } from '../nix/pathExpressions.ts';

type ComposedTarget = Extract<EvaluationTarget, { kind: 'composed' }>;

/** The parts of a composed target that are not text of ours, as Nix expressions. */
export interface CompositionParts {
  readonly file: string;
  readonly packageSet: string;
  /** Of Home Manager or nix-darwin. */
  readonly source: string;
  /** A set. */
  readonly arguments: string;
}

/** How Home Manager and nix-darwin are named where a target does not say it. */
export const usualSources = { 'home-manager': '<home-manager>', darwin: '<darwin>' } as const;

/** The parts as the target names them, relative paths and all. */
export function compositionParts(target: ComposedTarget): CompositionParts {
  return {
    file: pathExpression(target.file),
    packageSet: target.packageSet,
    source:
      target.source ?? (target.composition === 'darwin' ? usualSources.darwin : usualSources['home-manager']),
    arguments: argumentSet(target.arguments),
  };
}

/** The expression of a composed target's root derivation. */
export function composedExpression(target: ComposedTarget, parts: CompositionParts): string {
  return `${composedValue(target, parts)}${rootAttributes[target.composition]}`;
}

/** Where the root derivation lies in what {@link composedValue} gives. */
const rootAttributes = {
  'call-package': '',
  nixos: '.config.system.build.toplevel',
  nixops: '.config.system.build.toplevel',
  colmena: '.config.system.build.toplevel',
  'home-manager': '.activationPackage',
  darwin: '.system',
} as const satisfies Record<ComposedTarget['composition'], string>;

/** The expression of what the file makes: a package, or a configuration with its `config` and `options`. */
export function composedValue(target: ComposedTarget, parts: CompositionParts): string {
  switch (target.composition) {
    case 'call-package':
      return `(${packagesOf(parts)}.callPackage ${parts.file} ${parts.arguments})`;
    case 'nixos':
      return `(import (${sourceOf(parts.packageSet)} + "/nixos") ({ configuration = ${parts.file}; } // ${parts.arguments}))`;
    case 'nixops':
    case 'colmena':
      return `${machinesExpression(target.composition, parts)}.${nixString(target.member)}`;
    case 'home-manager':
      return `(import ((${parts.source}) + "/modules") ({ configuration = ${parts.file}; pkgs = ${packagesOf(parts)}; } // ${parts.arguments}))`;
    case 'darwin':
      return `(import (${parts.source}) ({ configuration = ${parts.file}; nixpkgs = ${sourceOf(parts.packageSet)}; } // ${parts.arguments}))`;
  }
}

/** The set of a network's machines or a hive's nodes, each an evaluated configuration. */
export function machinesExpression(composition: 'nixops' | 'colmena', parts: CompositionParts): string {
  const call = `(value: if builtins.isFunction value then value (builtins.intersectAttrs (builtins.functionArgs value) ${parts.arguments}) else value)`;
  return composition === 'nixops'
    ? `((${networkMachines}) (${call} (import ${parts.file})) ${call} (${parts.packageSet}) ${parts.arguments})`
    : `((${hiveNodes}) (import ${parts.file}) (${parts.packageSet}))`;
}

/** `--arg` and `--argstr` as a set. */
export function argumentSet({ arg, argstr }: EvaluationArguments): string {
  const bindings = [
    ...arg.map(([name, expression]) => `${nixString(name)} = (${expression});`),
    ...argstr.map(([name, text]) => `${nixString(name)} = ${nixString(text)};`),
  ];
  return `{ ${bindings.join(' ')} }`;
}

/** Packages, from whatever names nixpkgs: its path, its function or the packages themselves. */
function packagesOf({ packageSet }: CompositionParts): string {
  return `(let given = ${packageSet}; in
    if builtins.isFunction given then given { }
    else if builtins.isAttrs given && given ? callPackage then given
    else import given { })`;
}

/** The source of nixpkgs, from its path or its packages. */
function sourceOf(packageSet: string): string {
  return `(let given = ${packageSet}; in if builtins.isAttrs given && given ? callPackage then given.path else given)`;
}
