import { systemOfTriple } from '../../derivation/triples.ts';
import { splitAttributePath } from '../../model/attributePath.ts';
import type { Severity } from '../../model/judgement.ts';
import type { System } from '../../model/system.ts';
import type { EvaluationTarget } from '../../model/target.ts';

/** The system that a target's attribute path promises. */
export interface NamedSystem {
  readonly system: System;
  /** The path that names it. */
  readonly path: string;
  /** It is where the target is built; else it may be where its outputs run. */
  readonly isBuildPlatform: boolean;
  readonly severity: Severity;
}

/**
 * The outputs of a flake whose second name is the system that builds them (Nix
 * manual, `nix flake check`, and `flake.nix` of nixpkgs for the last ones).
 */
const bySystem = new Set([
  'packages',
  'legacyPackages',
  'checks',
  'devShells',
  'apps',
  'bundlers',
  'formatter',
  'defaultPackage',
  'defaultApp',
  'defaultBundler',
  'devShell',
]);

/**
 * The system that stands in the attribute path of a target; undefined where
 * there is none, or where several stand there. Names of a flake's outputs are
 * a convention that Nix relies on; elsewhere it is only a name.
 *
 * @param evaluatedAs the system that Nix puts into a path that is left out
 */
export function namedSystem(target: EvaluationTarget, evaluatedAs: System): NamedSystem | undefined {
  if (target.kind === 'derivation' || target.kind === 'composed') return undefined;
  const { attribute } = target;
  const isFlake = target.kind === 'flake';
  if (isFlake && attribute === '') {
    const path = `packages.${evaluatedAs}.default`;
    return { system: evaluatedAs, path, isBuildPlatform: true, severity: 'error' };
  }
  const names = splitAttributePath(attribute.replace(/^\./, ''));
  const [kind = '', second = ''] = names;
  if (isFlake && bySystem.has(kind))
    return isSystemName(second)
      ? { system: second, path: attribute, isBuildPlatform: true, severity: 'error' }
      : undefined;
  // The name of a machine is free.
  if (isFlake && kind !== 'hydraJobs') return undefined;
  const [system, ...others] = names.filter(isSystemName);
  if (system === undefined || others.length > 0) return undefined;
  return { system, path: attribute, isBuildPlatform: false, severity: isFlake ? 'error' : 'warning' };
}

function isSystemName(name: string): boolean {
  return systemOfTriple(name) === name;
}
