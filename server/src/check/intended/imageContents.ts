import type { Variables, VariablesOf } from '../../derivation/buildScript.ts';
import type { DerivationGraph } from '../../model/derivationGraph.ts';
import type { DerivationId } from '../../model/derivation.ts';
import type { System } from '../../model/system.ts';
import { likelyHost } from '../hostSystems.ts';
import type { Image } from './images.ts';
import { usesIn, type StorePathUse } from './storePathUses.ts';

/** A derivation that goes into an image, and who puts it there. */
export interface ContentUse extends StorePathUse {
  readonly consumer: DerivationId;
}

/** The content of an image, as far as its platform matters. */
export interface ImageContents {
  /** What runs on the image's system. */
  readonly right: readonly ContentUse[];
  /** What runs on another one. */
  readonly wrong: readonly ContentUse[];
}

/**
 * Goes through what an image's configurations and layers name. A derivation
 * that only carries others (a text, a folder of links, what a command copies or
 * links) has no platform itself: its own content is looked at instead. What is
 * the same on every system, and what is cross-compiled for nobody knows what,
 * is neither right nor wrong.
 */
export function contentsOf(
  image: Image,
  graph: DerivationGraph,
  variablesOf: VariablesOf,
  canRun: (host: System, machine: System) => boolean,
): ImageContents {
  const right: ContentUse[] = [];
  const wrong: ContentUse[] = [];
  const seen = new Set<string>();
  const queue = image.parts.flatMap((part): ContentUse[] => {
    const variables = variablesOf(part);
    const uses = variables ? usesOfPart(variables, image, graph) : [];
    return uses.map((use) => ({ ...use, consumer: part }));
  });
  for (const use of queue) {
    const { input, executed } = use;
    const key = `${use.consumer} ${input} ${executed}`;
    if (seen.has(key) || image.parts.includes(input) || input === image.derivation) continue;
    seen.add(key);
    const host = likelyHost(graph.derivation(input));
    if (host === undefined) continue;
    if (canRun(host, image.system)) {
      right.push(use);
      continue;
    }
    const carried = carriedBy(variablesOf(input), graph);
    if (carried) queue.push(...carried.map((inner) => ({ ...inner, consumer: input })));
    else wrong.push(use);
  }
  return { right, wrong };
}

/** A configuration's text, or the variables in which layers have their content. */
function usesOfPart(variables: Variables, { commands }: Image, graph: DerivationGraph): StorePathUse[] {
  const started = new Set(commands.flatMap((command) => usesIn(command, graph).map(({ input }) => input)));
  const names = ['text', 'contents', 'copyToRoot', 'paths', 'exportReferencesGraph'];
  const commandNames = ['extraCommands', 'fakeRootCommands'];
  const texts = [
    ...names.flatMap((name) => variables.get(name) ?? []),
    ...commandNames.flatMap((name) => placedBy(variables.get(name) ?? '')),
  ];
  return texts
    .flatMap((text) => usesIn(text, graph))
    .map((use) => ({ ...use, executed: use.executed || started.has(use.input) }));
}

/** Lines of a command that put store paths into its output. */
const placingLines = /^[ \t]*(?:ln|cp|makeWrapper)\s.*$/gm;

function placedBy(command: string): string[] {
  return [...command.matchAll(placingLines)].map(([line]) => line);
}

/** What a derivation without a platform of its own has in it; undefined for one that has one. */
function carriedBy(variables: Variables | undefined, graph: DerivationGraph): StorePathUse[] | undefined {
  if (variables === undefined) return undefined;
  const text = variables.get('text');
  if (text !== undefined) return usesIn(text, graph);
  const command = variables.get('buildCommand');
  if (command === undefined) return undefined;
  // `buildEnv` and `symlinkJoin` (nixpkgs, `build-support/buildenv`, `trivial-builders`).
  const linked = ['pkgs', 'chosenOutputs', 'paths'].flatMap((name) => variables.get(name) ?? []);
  return [...linked, ...placedBy(command)].flatMap((part) => usesIn(part, graph));
}
