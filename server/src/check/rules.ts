import type { Certainty, Derivation, EdgeRole, InputEdge } from '../model/derivation.ts';
import type { CrossingEdge, RuleId, Severity } from '../model/judgement.ts';
import { parseSystem, type System } from '../model/system.ts';
import type { Compatibilities } from './compatibilities.ts';
import { explain, explainFixedOutput } from './explanations.ts';

/**
 * Where an input must run, relative to its consumer.
 * - `build`: on the consumer's build platform;
 * - `host`: on its host platform;
 * - `target`: on its target platform, of which a .drv says nothing;
 * - `either`: on the build or the host platform.
 */
export type Place = 'build' | 'host' | 'target' | 'either';

/**
 * Where each role needs its input to run (nixpkgs manual, "Cross-compilation",
 * "Specifying dependencies"). A propagated input is needed where its plain twin
 * is: the offsets are relative to the derivation that propagates it.
 */
export const placeOfRole: Readonly<Record<EdgeRole, Place>> = {
  builder: 'build',
  args: 'build',
  stdenv: 'build',
  depsBuildBuild: 'build',
  nativeBuildInputs: 'build',
  depsBuildTarget: 'build',
  depsHostHost: 'host',
  buildInputs: 'host',
  depsTargetTarget: 'target',
  depsBuildBuildPropagated: 'build',
  propagatedNativeBuildInputs: 'build',
  depsBuildTargetPropagated: 'build',
  depsHostHostPropagated: 'host',
  propagatedBuildInputs: 'host',
  depsTargetTargetPropagated: 'target',
  reference: 'either',
};

const ruleOfPlace: Readonly<Record<Place, RuleId>> = {
  build: 'build-platform',
  host: 'host-platform',
  target: 'target-platform',
  either: 'plain-reference',
};

/** Worst first. */
export const severities: readonly Severity[] = ['error', 'warning', 'info'];

/** A derivation whose outputs run somewhere, as a consumer or an input of an edge. */
export interface Party {
  readonly derivation: Derivation;
  readonly build: System;
  /** Undefined where it is cross-compiled and does not say for what. */
  readonly host: System | undefined;
  /** Host and build platform are the same: then the host platform is as certain as `system`. */
  readonly native: boolean;
}

/**
 * Judges an edge by each of its roles and reports the worst; undefined where
 * every role is satisfied, or where nothing certain enough can be said.
 *
 * An error needs certainty: that of `system`, which every .drv states. A host
 * platform that differs from the build platform is inferred, and gives a
 * warning at most.
 */
export function judgeEdge(
  consumer: Derivation,
  edge: InputEdge,
  input: Derivation,
  compatibilities: Compatibilities,
): CrossingEdge | undefined {
  if (consumer.builtin || input.builtin || isDynamic(edge)) return undefined;
  const user = partyOf(consumer);
  if (input.host.kind === 'neutral') return judgeFixedOutput(user, edge, input, compatibilities);
  const used = partyOf(input);
  let worst: CrossingEdge | undefined;
  for (const role of edge.roles) {
    const place = placeOfRole[role];
    const severity = judgeRole(user, used, place, compatibilities);
    if (severity === undefined || (worst !== undefined && !isWorse(severity, worst.severity))) continue;
    worst = {
      consumer: consumer.id,
      input: input.id,
      roles: edge.roles,
      rule: ruleOfPlace[place],
      severity,
      needs: needsOf(user, place),
      runsOn: used.host ?? used.build,
      explanation: explain(user, used, role, place, severity),
    };
  }
  return worst;
}

/** Is the first severity worse than the second? */
export function isWorse(one: Severity, other: Severity): boolean {
  return severities.indexOf(one) < severities.indexOf(other);
}

function partyOf(derivation: Derivation): Party {
  const { system, host } = derivation;
  // What builds a fixed output runs where it is built.
  if (host.kind === 'neutral') return { derivation, build: system, host: system, native: true };
  if (host.system === system) return { derivation, build: system, host: system, native: true };
  const known = host.certainty !== 'assumed';
  return { derivation, build: system, host: known ? host.system : undefined, native: false };
}

function needsOf(user: Party, place: Place): readonly System[] {
  if (place === 'build') return [user.build];
  const host = user.host ?? user.build;
  return place === 'either' && host !== user.build ? [user.build, host] : [host];
}

function judgeRole(
  user: Party,
  used: Party,
  place: Place,
  compatibilities: Compatibilities,
): Severity | undefined {
  if (place === 'target') return judgeTarget(user, used);
  const { host } = used;
  if (host === undefined || (user.host === undefined && place !== 'build')) return undefined;
  if (needsOf(user, place).some((machine) => compatibilities.canRun(host, machine))) return undefined;
  const severity = used.native
    ? judgeNative(user, used, place, compatibilities)
    : judgeCross(user, used, place, compatibilities);
  // A hook is sourced, never run; one that another machine has to build is as wrong as any input.
  const sourcedOnly =
    used.derivation.setupHookOnly === true &&
    place === 'build' &&
    compatibilities.canRun(used.build, user.build);
  return severity !== undefined && sourcedOnly ? 'info' : severity;
}

/**
 * Which platform a compiler makes code for is not known. Its inputs for that
 * platform are built where it is built itself, or natively on a machine of that
 * platform; one that is native to another kernel than its consumer's is neither
 * in nixpkgs, where a compiler for darwin is built on darwin.
 */
function judgeTarget(user: Party, used: Party): Severity | undefined {
  const foreign = parseSystem(used.build).kernel !== parseSystem(user.build).kernel;
  return user.native && used.native && foreign ? 'error' : undefined;
}

/** The input is built on the platform that it is built for. */
function judgeNative(
  user: Party,
  used: Party,
  place: Place,
  { canRun }: Compatibilities,
): Severity | undefined {
  // Every `system` is a fact, and here it is a fact that the one cannot run on the other.
  if (place === 'build') return 'error';
  if (!canRun(used.build, user.build) && !(user.host !== undefined && canRun(used.build, user.host)))
    return 'error';
  // What runs on the build platform stands where something for the host platform is needed.
  if (certaintyOf(used) === 'assumed') return undefined;
  return certaintyOf(user) === 'evaluated' ? 'error' : 'warning';
}

/** The input is cross-compiled. */
function judgeCross(
  user: Party,
  used: Party,
  place: Place,
  { canRun }: Compatibilities,
): Severity | undefined {
  const onPurpose = user.native || place === 'either';
  // Built by the right machine for another one: an image, a firmware, the libraries of a compiler.
  if (place !== 'build' && onPurpose && canRun(used.build, user.build)) return undefined;
  const certain = certaintyOf(used) === 'evaluated' && (user.native || certaintyOf(user) === 'evaluated');
  return certain ? 'error' : 'warning';
}

function certaintyOf({ derivation: { host } }: Party): Certainty {
  return host.kind === 'system' ? host.certainty : 'evaluated';
}

/** The content is the same on every system, but somebody has to fetch it. */
function judgeFixedOutput(
  user: Party,
  edge: InputEdge,
  input: Derivation,
  { canRun }: Compatibilities,
): CrossingEdge | undefined {
  const needs = needsOf(user, 'either');
  if (needs.some((machine) => canRun(input.system, machine))) return undefined;
  return {
    consumer: user.derivation.id,
    input: input.id,
    roles: edge.roles,
    rule: 'fixed-output',
    severity: 'info',
    needs,
    runsOn: input.system,
    explanation: explainFixedOutput(user, input),
  };
}

/** Only outputs of outputs are used: of a derivation that is itself known only after a build. */
function isDynamic(edge: InputEdge): boolean {
  return edge.outputs.length > 0 && edge.outputs.every((output) => output.includes('^'));
}
