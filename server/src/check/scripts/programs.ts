import type { DerivationGraph } from '../../model/derivationGraph.ts';
import type { DerivationId } from '../../model/derivation.ts';
import { crossHost } from '../hostSystems.ts';
import { propagatedRoles, toolName } from '../excuses/toolsAtHand.ts';
import { toolOf } from './buildTools.ts';
import type { ScriptTexts } from './derivationScripts.ts';
import knownPrograms from './knownPrograms.json' with { type: 'json' };

/**
 * Programs of packages by the package's name, where they are not named like it: from the text of
 * nixpkgs and the contents of Debian's packages, see `scripts/build-programs.mjs`.
 */
const known: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(knownPrograms).map(([name, programs]) => [name, programs.split(' ')]),
);

/** What is known of programs beside the .drv files' names. */
export type ProgramTexts = Pick<ScriptTexts, 'scriptOf' | 'programsAt'>;

/**
 * The programs that a derivation has, as far as that is known: what lies in its outputs where they are
 * in the store; else what is named like it, what it says itself (nixpkgs source, `make-derivation.nix`,
 * `NIX_MAIN_PROGRAM`), and what a package of its name has.
 */
export function programsOf(
  id: DerivationId,
  graph: DerivationGraph,
  texts: ProgramTexts,
): ReadonlySet<string> {
  const derivation = graph.derivation(id);
  const inStore = derivation.outputs.flatMap(({ path }) =>
    path === undefined ? [] : texts.programsAt(path),
  );
  if (inStore.length > 0) return new Set(inStore);
  const name = toolName(derivation);
  const main = texts.scriptOf(id)?.variables.get('NIX_MAIN_PROGRAM');
  return new Set([
    ...toolOf(name).programs,
    ...(known.get(name) ?? []),
    ...(main === undefined ? [] : [main]),
  ]);
}

/**
 * Can a consumer's build start a program by its name? What it has for its build platform, what that
 * propagates, and what its `stdenv` puts on the PATH (nixpkgs source, `stdenv/generic`, `initialPath`)
 * may have it. The programs of a compiler for elsewhere have other names there.
 */
export function hasNatively(
  program: string,
  consumer: DerivationId,
  graph: DerivationGraph,
  texts: ProgramTexts,
): boolean {
  const seen = new Set<DerivationId>();
  const pending = [...graph.inputs(consumer)];
  const onPath = new Set<DerivationId>();
  for (const { input, roles } of pending) {
    if (seen.has(input)) continue;
    seen.add(input);
    const derivation = graph.derivation(input);
    const isStdenv = roles.includes('stdenv');
    const isForElsewhere = (derivation.target?.system ?? derivation.system) !== derivation.system;
    const isAtHand = !isStdenv && !isForElsewhere && crossHost(derivation) === undefined;
    if (isAtHand && programsOf(input, graph, texts).has(program)) return true;
    if (isStdenv) for (const id of pathOfStdenv(input, graph, texts)) onPath.add(id);
    pending.push(
      ...graph
        .inputs(input)
        .filter((edge) => onPath.has(edge.input) || edge.roles.some((role) => propagatedRoles.has(role))),
    );
  }
  return false;
}

/** What a `stdenv` puts on the PATH; its other inputs it only mentions, those among them that nobody may refer to. */
function pathOfStdenv(stdenv: DerivationId, graph: DerivationGraph, texts: ProgramTexts): DerivationId[] {
  const variables = texts.scriptOf(stdenv)?.variables;
  const paths = ['initialPath', 'defaultNativeBuildInputs'].flatMap(
    (name) => variables?.get(name)?.split(/\s+/) ?? [],
  );
  return paths.flatMap((path) => (path === '' ? [] : (graph.findByOutputPath(path) ?? [])));
}
