import type { Certainty, Derivation, EdgeRole, InputEdge } from '../model/derivation.ts';
import type { CrossingEdge, RuleId, Severity } from '../model/judgement.ts';
import { parseSystem, type System } from '../model/system.ts';
import { judgeBuildCompiler } from './buildCompilers.ts';
import { isForTarget, runsAtBuild } from './excuses/buildOutputs.ts';
import type { Compatibilities } from './compatibilities.ts';
import type { NeededAt, Party } from './party.ts';
import { explain, explainFixedOutput } from './explanations.ts';

/**
 * Where each role needs its input to run (nixpkgs manual, "Cross-compilation",
 * "Specifying dependencies"). A propagated input is needed where its plain twin
 * is: the offsets are relative to the derivation that propagates it.
 */
export const placeOfRole: Readonly<Record<EdgeRole, NeededAt>> = {
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

const ruleOfPlace: Readonly<Record<NeededAt, RuleId>> = {
  build: 'build-platform',
  host: 'host-platform',
  target: 'target-platform',
  either: 'plain-reference',
};

/** Worst first. */
export const severities: readonly Severity[] = ['error', 'warning', 'info'];

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
  const hasBuildTool = runsAtBuild(input, edge.outputs);
  const hasLibraries =
    isForTarget(input, edge.outputs) &&
    used.target !== undefined &&
    compatibilities.canRun(used.target, user.host ?? user.build);
  let worst: CrossingEdge | undefined;
  for (const role of edge.roles) {
    const place = placeOfRole[role];
    if (hasBuildTool && place === 'build') continue;
    if (hasLibraries && place !== 'build') continue;
    const judged = judgeRole(user, used, place, compatibilities);
    const broken = judged
      ? {
          ...judged,
          needs: needsOf(user, place),
          runsOn: used.host ?? used.build,
          explanation: explain(user, used, { role, place, ...judged }),
        }
      : judgeBuildCompiler(user, used, role, compatibilities);
    if (broken === undefined || (worst !== undefined && !isWorse(broken.severity, worst.severity))) continue;
    worst = { consumer: consumer.id, input: input.id, roles: edge.roles, ...broken };
  }
  return worst;
}

/** Is the first severity worse than the second? */
export function isWorse(one: Severity, other: Severity): boolean {
  return severities.indexOf(one) < severities.indexOf(other);
}

function partyOf(derivation: Derivation): Party {
  const { system, host } = derivation;
  const target = derivation.target?.certainty === 'assumed' ? undefined : derivation.target?.system;
  const party = { derivation, build: system, target };
  // What builds a fixed output runs where it is built.
  if (host.kind === 'neutral' || host.system === system) return { ...party, host: system, native: true };
  return { ...party, host: host.certainty === 'assumed' ? undefined : host.system, native: false };
}

function needsOf(user: Party, place: NeededAt): readonly System[] {
  if (place === 'build') return [user.build];
  if (place === 'target' && user.target !== undefined) return [user.target];
  const host = user.host ?? user.build;
  return place === 'either' && host !== user.build ? [user.build, host] : [host];
}

/** What a rule says of an edge in one of its roles. */
type RoleJudgement = Pick<CrossingEdge, 'rule' | 'severity'>;

function judgeRole(
  user: Party,
  used: Party,
  place: NeededAt,
  compatibilities: Compatibilities,
): RoleJudgement | undefined {
  const severity =
    place === 'target'
      ? judgeTarget(user, used, compatibilities)
      : judgePlace(user, used, place, compatibilities);
  if (severity === 'emulated') return { rule: 'emulation', severity: 'info' };
  return severity && { rule: ruleOfPlace[place], severity };
}

function judgePlace(
  user: Party,
  used: Party,
  place: NeededAt,
  compatibilities: Compatibilities,
): Severity | 'emulated' | undefined {
  const { host } = used;
  if (host === undefined || (user.host === undefined && place !== 'build')) return undefined;
  const answers = needsOf(user, place).map((machine) => compatibilities.of(host, machine));
  if (answers.some((answer) => answer === 'native' || answer === 'compatible')) return undefined;
  if (place === 'host' && isForBuild(user, host, compatibilities)) return undefined;
  if (answers.includes('emulated')) return 'emulated';
  const severity = used.native
    ? judgeNative(user, used, place, compatibilities)
    : judgeCross(user, used, place, compatibilities);
  // A hook is sourced, never run; one that another machine has to build is as wrong as any input.
  const sourcedOnly =
    used.derivation.setupHookOnly === true &&
    (place === 'build' || place === 'host') &&
    compatibilities.canRun(used.build, user.build);
  return severity !== undefined && sourcedOnly ? 'info' : severity;
}

/**
 * What a setup hook brings along serves the builds that source it, on whatever
 * platform its package set is (nixpkgs source, `pypa-install-hook`, which
 * propagates a program of `pythonOnBuildForHost`).
 */
function isForBuild(user: Party, host: System, { canRun }: Compatibilities): boolean {
  return user.derivation.setupHookOnly === true && canRun(host, user.build);
}

/**
 * An input for the target platform runs where the code runs that its consumer
 * makes. Of a consumer that does not name that platform, one thing is known:
 * such inputs are built where it is built itself, or natively on a machine of
 * its target platform; one that is native to another kernel than its consumer's
 * is neither in nixpkgs, where a compiler for darwin is built on darwin.
 */
function judgeTarget(user: Party, used: Party, { canRun }: Compatibilities): Severity | undefined {
  if (user.target !== undefined && used.host !== undefined && canRun(used.host, user.target))
    return undefined;
  const foreign = parseSystem(used.build).kernel !== parseSystem(user.build).kernel;
  if (user.native && used.native && foreign) return 'error';
  if (user.target === undefined || used.host === undefined || certaintyOf(used) === 'assumed')
    return undefined;
  const certain = user.derivation.target?.certainty === 'evaluated' && certaintyOf(used) === 'evaluated';
  return certain ? 'error' : 'warning';
}

/** The input is built on the platform that it is built for. */
function judgeNative(
  user: Party,
  used: Party,
  place: NeededAt,
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
  place: NeededAt,
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
