import { nativeName } from '../../derivation/triples.ts';
import type { Variables } from '../../derivation/buildScript.ts';
import { hostOrBuild, knownHost } from '../../check/hostSystems.ts';
import { placeOfRole } from '../../check/rules.ts';
import type { Derivation } from '../../model/derivation.ts';
import type { DerivationId } from '../../model/derivation.ts';
import type { DerivationGraph } from '../../model/derivationGraph.ts';

/** A derivation with what it is made of. */
export interface PackageAt {
  readonly graph: DerivationGraph;
  readonly id: DerivationId;
  /** Undefined where they cannot be read. */
  readonly variables: Variables | undefined;
  /** Another derivation of its closure. */
  readonly beside: (id: DerivationId) => PackageAt;
}

/**
 * Why one derivation is not, or cannot be told to be, the same package as another for another platform;
 * undefined where it is: of one name and version, made from one source, and all that it needs with it;
 * what is only put together from other packages, such as an environment, has all of those.
 * What follows "it" in a sentence.
 */
export function whyNoTwin(one: PackageAt, other: PackageAt): string | undefined {
  const [was, is] = [one.graph.derivation(one.id).name, other.graph.derivation(other.id).name];
  if (nativeName(was) !== nativeName(is)) return `would be ${is} instead of ${was}`;
  if (!one.variables || !other.variables) return 'could not be read';
  const [oldVersion, version] = [one.variables.get('version'), other.variables.get('version')];
  if (oldVersion !== version)
    return `would be version ${version ?? 'unknown'} instead of ${oldVersion ?? 'unknown'}`;
  if (sourceOf(one) !== sourceOf(other)) return `would be made from another source`;
  const left = findLeftBehind(one, other);
  if (left) return `would still need ${left.name}, which runs on ${hostOrBuild(left)}`;
  const lost = findLost(one, other);
  return lost && `would do without ${nativeName(lost.name)}`;
}

/** Environments of environments. */
const mostNesting = 4;

/**
 * A package that the other one, or what it is put together from, does not have.
 * Looked for only in what has no source of its own, and not among what a list of
 * dependencies names: how a package is compiled may depend on its platform, and
 * with that what it needs, such as the frameworks of macOS.
 */
function findLost(one: PackageAt, other: PackageAt, depth = 0): Derivation | undefined {
  if (depth === mostNesting || !isPutTogether(one) || !isPutTogether(other)) return undefined;
  const there = new Map<string, DerivationId>();
  for (const id of other.graph.inputIds(other.id)) there.set(nativeName(other.graph.derivation(id).name), id);
  for (const { input, roles } of one.graph.inputs(one.id)) {
    const needed = one.graph.derivation(input);
    if (needed.host.kind === 'neutral' || !roles.includes('reference')) continue;
    const counterpart = there.get(nativeName(needed.name));
    if (counterpart === undefined) return needed;
    const isSame = other.graph.derivation(counterpart).drvPath === needed.drvPath;
    const lost = isSame ? undefined : findLost(one.beside(input), other.beside(counterpart), depth + 1);
    if (lost) return lost;
  }
  return undefined;
}

function isPutTogether({ variables }: PackageAt): boolean {
  return variables !== undefined && !variables.has('src') && !variables.has('srcs');
}

/**
 * A package of a platform on which the twin does not run, and which the twin has
 * as an input all the same, as the derivation had whose twin it is: it moved by
 * itself, and not what it needs. Undefined where there is none.
 */
function findLeftBehind(one: PackageAt, other: PackageAt): Derivation | undefined {
  const twin = other.graph.derivation(other.id);
  const runsOn = hostOrBuild(twin);
  const targets = twin.target?.system;
  for (const { input, roles } of other.graph.inputs(other.id)) {
    const needed = other.graph.derivation(input);
    const host = knownHost(needed);
    if (host === undefined || host === runsOn || host === twin.system) continue;
    // A compiler has libraries for what it makes; programs it starts where it runs itself.
    if (host === targets && !namesProgramOf(needed, other)) continue;
    const same = one.graph.findByDrvPath(needed.drvPath);
    const wasInput = same !== undefined && one.graph.inputIds(one.id).includes(same);
    if (wasInput && roles.some((role) => placeOfRole[role] !== 'target')) return needed;
  }
  return undefined;
}

/** Does a derivation name a file below an output's `bin/`? */
function namesProgramOf({ outputs }: Derivation, { variables }: PackageAt): boolean {
  const texts = [...(variables?.values() ?? [])];
  return outputs.some(
    ({ path }) => path !== undefined && texts.some((text) => text.includes(`${path}/bin/`)),
  );
}

/** What a derivation is made from; one that is itself built for a platform, by its name. */
function sourceOf({ graph, variables }: PackageAt): string | undefined {
  const source = variables?.get('src');
  if (source === undefined) return undefined;
  const made = graph.findByOutputPath(source);
  if (made === undefined) return source;
  const { fixedOutput, name } = graph.derivation(made);
  return fixedOutput ? source : nativeName(name);
}
