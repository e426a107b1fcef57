import { nativeName, tripleBeforeName } from '../../derivation/triples.ts';
import type { Variables } from '../../derivation/buildScript.ts';
import { hostOrBuild, knownHost } from '../../check/hostSystems.ts';
import { placeOfRole } from '../../check/rules.ts';
import type { Derivation } from '../../model/derivation.ts';
import type { DerivationId } from '../../model/derivation.ts';
import type { DerivationGraph } from '../../model/derivationGraph.ts';
import { hashPartOf } from '../../model/storePath.ts';

/** A derivation with what it is made of. */
export interface PackageAt {
  readonly graph: DerivationGraph;
  readonly id: DerivationId;
  /** Undefined where they cannot be read. */
  readonly variables: Variables | undefined;
}

/**
 * Why one derivation is not the same package as another for another platform;
 * undefined where it is: of one name and version, made from one source, and all that it needs with it.
 * What follows "it" in a sentence.
 */
export function whyNoTwin(one: PackageAt, other: PackageAt): string | undefined {
  const [was, is] = [one.graph.derivation(one.id).name, other.graph.derivation(other.id).name];
  if (nativeName(was) !== nativeName(is)) return `would be ${is} instead of ${was}`;
  const [oldVersion, version] = [one.variables?.get('version'), other.variables?.get('version')];
  if (oldVersion !== version)
    return `would be version ${version ?? 'unknown'} instead of ${oldVersion ?? 'unknown'}`;
  if (sourceOf(one) !== sourceOf(other)) return `would be made from another source`;
  const left = findLeftBehind(one, other);
  return left && `would still need ${left.name}, which runs on ${hostOrBuild(left)}`;
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
    if (host === undefined || host === runsOn || host === twin.system || host === targets) continue;
    const same = one.graph.findByDrvPath(needed.drvPath);
    const wasInput = same !== undefined && one.graph.inputIds(one.id).includes(same);
    if (wasInput && roles.some((role) => placeOfRole[role] !== 'target')) return needed;
  }
  return undefined;
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

/**
 * A program that a text starts by a path of a twin that has it under another
 * name, with that name; undefined where there is none. The programs of a
 * compiler for another platform, and of what belongs to it, begin with that
 * platform's triple (nixpkgs manual, "Cross-compilation", `targetPrefix`).
 */
export function findRenamedProgram(
  text: string,
  { graph, id }: Pick<PackageAt, 'graph' | 'id'>,
): { readonly written: string; readonly called: string } | undefined {
  const { name, outputs } = graph.derivation(id);
  const triple = tripleBeforeName(name);
  if (triple === undefined) return undefined;
  for (const { path } of outputs) {
    if (path === undefined) continue;
    const programs = new RegExp(`${hashPartOf(path)}-[^/\\s"']*/bin/([\\w.+-]+)`, 'g');
    for (const [, written = ''] of text.matchAll(programs))
      if (!written.startsWith(`${triple}-`)) return { written, called: `${triple}-${written}` };
  }
  return undefined;
}
