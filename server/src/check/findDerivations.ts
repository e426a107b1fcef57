import type { DerivationGraph } from '../model/derivationGraph.ts';
import type { DerivationId } from '../model/derivation.ts';
import { hashLength, packageNameOf } from '../model/storePath.ts';

/**
 * The derivations of a closure that a person means: by the path of a `.drv` or
 * of an output (or of a file in one), by a pattern with `*` and `?`, by the
 * name, by the name without its version, or by a part of the name, whatever
 * finds something first. What was fetched is meant only where nothing else is.
 */
export function findDerivations(graph: DerivationGraph, wanted: string): DerivationId[] {
  const storePath = storePathIn(wanted);
  if (storePath !== undefined) {
    const id = graph.findByDrvPath(storePath) ?? graph.findByOutputPath(storePath);
    return id === undefined ? [] : [id];
  }
  const matching = (isMeant: (name: string) => boolean): DerivationId[] => {
    const ids: DerivationId[] = [];
    for (let id = 0; id < graph.size; id++) if (isMeant(graph.derivation(id).name)) ids.push(id);
    const made = ids.filter((id) => !graph.derivation(id).fixedOutput);
    return made.length > 0 ? made : ids;
  };
  if (/[*?]/.test(wanted)) {
    const pattern = patternOf(wanted);
    return matching((name) => pattern.test(name));
  }
  const steps: readonly ((name: string) => boolean)[] = [
    (name) => name === wanted,
    (name) => packageNameOf(name) === wanted,
    (name) => name.includes(wanted),
  ];
  for (const isMeant of steps) {
    const ids = matching(isMeant);
    if (ids.length > 0) return ids;
  }
  return [];
}

/** `/nix/store/<hash>-x/bin/y` lies in `/nix/store/<hash>-x`; undefined where the text is no such path. */
function storePathIn(text: string): string | undefined {
  const path = text.replace(/\^[^/]*$/, '');
  return new RegExp(`^/.*?/[0-9a-z]{${hashLength}}-[^/]+`).exec(path)?.[0];
}

function patternOf(glob: string): RegExp {
  const source = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`);
}
