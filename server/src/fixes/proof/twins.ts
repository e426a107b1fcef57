import { nativeName, tripleBeforeName } from '../../derivation/triples.ts';
import type { Variables } from '../../derivation/buildScript.ts';
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
 * undefined where it is: of one name and version, and made from one source.
 * What follows "it" in a sentence.
 */
export function whyNoTwin(one: PackageAt, other: PackageAt): string | undefined {
  const [was, is] = [one.graph.derivation(one.id).name, other.graph.derivation(other.id).name];
  if (nativeName(was) !== nativeName(is)) return `would be ${is} instead of ${was}`;
  const [oldVersion, version] = [one.variables?.get('version'), other.variables?.get('version')];
  if (oldVersion !== version)
    return `would be version ${version ?? 'unknown'} instead of ${oldVersion ?? 'unknown'}`;
  return sourceOf(one) === sourceOf(other) ? undefined : `would be made from another source`;
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
