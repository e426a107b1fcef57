import type { DerivationGraph } from '../model/derivationGraph.ts';
import { nativeName } from '../derivation/triples.ts';
import type { Derivation, EdgeRole, InputEdge } from '../model/derivation.ts';
import type { CrossingEdge } from '../model/judgement.ts';
import { parseSystem, type System } from '../model/system.ts';
import type { Compatibilities } from './compatibilities.ts';
import { crossHost, hostOrBuild, knownHost } from './hostSystems.ts';

/** What stands there is linked into the consumer's outputs, where it is a library. */
const linkedRoles: ReadonlySet<EdgeRole> = new Set(['buildInputs', 'depsHostHost']);

/**
 * A machine may run the programs of another processor, and no linker puts the
 * libraries of two into one program: a library of i686-linux is of no use in
 * `buildInputs` of a package for x86_64-linux. One that has the same library for
 * its own platform beside it is made for both, as wine is.
 */
export function judgeLinked(
  consumer: Derivation,
  { input, roles, outputs }: InputEdge,
  graph: DerivationGraph,
  { of }: Compatibilities,
): CrossingEdge | undefined {
  const library = graph.derivation(input);
  const host = knownHost(consumer);
  const other = knownHost(library);
  const isLibrary = outputs.includes('dev') || library.outputs.some(({ name }) => name === 'dev');
  if (host === undefined || other === undefined || !isLibrary || of(other, host) === 'no') return undefined;
  const role = roles.find((one) => linkedRoles.has(one));
  if (role === undefined || isOneWordSize(other, host) || isForBoth(consumer, library, host, graph))
    return undefined;
  return {
    consumer: consumer.id,
    input,
    roles,
    rule: 'host-platform',
    severity: 'warning',
    needs: [host],
    runsOn: other,
    explanation:
      `${library.name} is built for ${other}, and ${consumer.name} needs it (${role}) for ${host}: ` +
      'its programs would run there, but a library of another processor cannot be linked',
  };
}

/** The levels of one instruction set, such as `x86_64-v3`, are linked with each other. */
function isOneWordSize(one: System, other: System): boolean {
  const processorOf = (system: System): string => parseSystem(system).processor.replace(/-v\d$/, '');
  return processorOf(one) === processorOf(other);
}

/** Has a consumer the same library for its own platform, or a compiler for both? */
function isForBoth(consumer: Derivation, library: Derivation, host: System, graph: DerivationGraph): boolean {
  const name = nativeName(library.name);
  return [...graph.inputIds(consumer.id)].some((id) => {
    const input = graph.derivation(id);
    if (/\bmultilib\b|\b(?:gcc|glibc|clang)(?:-wrapper)?[-_]multi\b/.test(input.name)) return true;
    return hostOrBuild(input) === host && nativeName(input.name) === name;
  });
}

/**
 * In a cross-compiling closure, a package set for another build platform, such
 * as `pkgsi686Linux`, keeps the platform that is compiled for (nixpkgs source,
 * `top-level/stage.nix`): what a build takes from there to run or to link it
 * itself is for neither. Such a set has its own packages for its own use.
 *
 * @param target what the root is cross-compiled for; undefined where it is native
 */
export function judgeOtherSet(
  consumer: Derivation,
  { input, roles }: InputEdge,
  graph: DerivationGraph,
  { canRun }: Compatibilities,
  target: System | undefined,
): CrossingEdge | undefined {
  const used = graph.derivation(input);
  if (target === undefined || crossHost(used) !== target || used.system === consumer.system) return undefined;
  const isNative = knownHost(consumer) === consumer.system && !canRun(target, consumer.system);
  if (!isNative || !canRun(used.system, consumer.system) || consumer.target?.system === target)
    return undefined;
  return {
    consumer: consumer.id,
    input,
    roles,
    rule: 'plain-reference',
    severity: 'warning',
    needs: [consumer.system],
    runsOn: target,
    explanation:
      `${used.name} is built on ${used.system} for ${target}, but ${consumer.name}, which refers to it, ` +
      `is built on and for ${consumer.system}: a package set for ${used.system} within one for ${target} is for ${target} as well`,
  };
}
