import type { EdgeRole } from '../model/derivation.ts';
import type { CrossingEdge } from '../model/judgement.ts';
import type { Compatibilities } from './compatibilities.ts';
import type { Party } from './party.ts';

/** What is wrong with an edge, whatever its ends. */
export type BrokenPromise = Pick<CrossingEdge, 'rule' | 'severity' | 'needs' | 'runsOn' | 'explanation'>;

/**
 * A compiler in `depsBuildBuild` makes programs that the build itself starts
 * (nixpkgs manual, "Cross-compilation", "Specifying dependencies"). One that
 * makes code for elsewhere runs there, and what it makes does not: `stdenv.cc`
 * where `buildPackages.stdenv.cc` is meant.
 */
export function judgeBuildCompiler(
  user: Party,
  used: Party,
  role: EdgeRole,
  { canRun }: Compatibilities,
): BrokenPromise | undefined {
  if (role !== 'depsBuildBuild' && role !== 'depsBuildBuildPropagated') return undefined;
  const { target, derivation } = used;
  if (target === undefined || canRun(target, user.build)) return undefined;
  return {
    rule: 'build-platform',
    // Whether the build makes any such program is not known; a build of Rust crates does not.
    severity: derivation.target?.certainty === 'evaluated' ? 'warning' : 'info',
    needs: [user.build],
    runsOn: target,
    explanation:
      `${derivation.name} makes code for ${target}, but what ${user.derivation.name} makes ` +
      `with it (${role}) runs while it is built on ${user.build}`,
  };
}
