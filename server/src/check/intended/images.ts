import type { Variables, VariablesOf } from '../../derivation/buildScript.ts';
import type { DerivationGraph } from '../../model/derivationGraph.ts';
import type { DerivationId } from '../../model/derivation.ts';
import { groupBy } from '../../model/groupBy.ts';
import { perStep, type Steps } from '../../model/slices.ts';
import { commandsOf, imageFor, parseImageConfig, type ImageConfig } from './imageConfig.ts';

/** An image of a container among the derivations of a closure. */
export interface Image extends ImageConfig {
  /** The one that is the image, or that streams it: the last of those that make it. */
  readonly derivation: DerivationId;
  /** Those that say what goes into it: its configurations and its layers. */
  readonly parts: readonly DerivationId[];
  /** It stands on another image, of which nothing is known. */
  readonly hasBase: boolean;
}

/** Under cross-compilation some versions of nixpkgs append the host platform to names. */
const configName = /\.json(?:-|$)/;
const imageName = /^image-.*\.json(?:-|$)/;
const layerName =
  /^docker-layer-|-(?:customisation|bulk)-layers?(?:-|$)|^(?:layers|closure-graph)\.json(?:-|$)/;

/**
 * Finds the images of a closure by their configurations, as nixpkgs' dockerTools
 * and ociTools write them, and by the calls of nix2container. The variables of a
 * few derivations are read: of those that are named as files of JSON, of their
 * consumers, and of layers.
 */
export function* findImages(graph: DerivationGraph, variablesOf: VariablesOf): Steps<Image[]> {
  const configs = new Map<DerivationId, ImageConfig>();
  const images = new Map<DerivationId, Image>();
  for (let id: DerivationId = 0; id < graph.size; id++) {
    if (id % perStep === 0) yield;
    const { name, builtin, fixedOutput } = graph.derivation(id);
    if (builtin || fixedOutput || !configName.test(name)) continue;
    const variables = variablesOf(id);
    const config = variables && parseImageConfig(variables.get('text') ?? '');
    if (config) configs.set(id, config);
    const built = variables && imageName.test(name) && findBuilt(id, variables, graph, variablesOf);
    if (built) images.set(id, built);
  }
  const isConfig = (id: DerivationId): boolean => configs.has(id);
  for (const [id, config] of configs) {
    for (const [derivation, members] of topsOf(id, isConfig, graph, variablesOf)) {
      const hasBase = members.some((member) => hasVariable(variablesOf(member), 'fromImage'));
      const parts = [id, ...layersOf(members, graph)];
      images.set(derivation, { ...config, derivation, parts, hasBase });
    }
  }
  return [...images.values()];
}

/**
 * `nix2container image $out … --arch amd64 … config.json layers.json…` (source of
 * nix2container, `default.nix`, `buildImage`): the platform stands in the call.
 */
function findBuilt(
  id: DerivationId,
  variables: Variables,
  graph: DerivationGraph,
  variablesOf: VariablesOf,
): Image | undefined {
  const call = /\/nix2container image\s[^]*/.exec(variables.get('buildCommand') ?? '')?.[0];
  const architecture = call && /\s--arch\s+(\S+)/.exec(call)?.[1];
  if (call === undefined || architecture === undefined) return undefined;
  const inputs = [...graph.inputIds(id)];
  const configs = inputs.filter((input) => /^config.*\.json(?:-|$)/.test(graph.derivation(input).name));
  const commands = configs.flatMap((config) => commandsOf(parse(variablesOf(config)?.get('text'))));
  const config = imageFor('linux', architecture, commands);
  return (
    config && {
      ...config,
      derivation: id,
      parts: [...configs, ...layersOf([id], graph)],
      hasBase: /\s--from-image\s/.test(call),
    }
  );
}

function parse(text = ''): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // It is none that names commands.
    return undefined;
  }
}

/**
 * The last derivations of the chains that lead from a configuration to its
 * images, each with all that lie in between. What makes an image of dockerTools
 * has the variable `imageName`; a configuration may be dated by one of its name.
 */
function topsOf(
  config: DerivationId,
  isConfig: (id: DerivationId) => boolean,
  graph: DerivationGraph,
  variablesOf: VariablesOf,
): Map<DerivationId, DerivationId[]> {
  const members = new Map<DerivationId, readonly DerivationId[]>([[config, []]]);
  const consumersOf = (id: DerivationId): DerivationId[] =>
    [...graph.consumerIds(id)].filter((consumer) => {
      // Another image that stands on this one has a configuration of its own.
      const own = [...graph.inputIds(consumer)].filter(isConfig);
      return own.every((other) => other === config) && isMember(consumer, id);
    });
  const isMember = (id: DerivationId, input: DerivationId): boolean => {
    const { name } = graph.derivation(id);
    if (name === graph.derivation(input).name || name === 'join') return input === config;
    return hasVariable(variablesOf(id), 'imageName');
  };
  // It grows while it is walked.
  for (const id of members.keys()) {
    const consumers = consumersOf(id);
    members.set(id, consumers);
    for (const consumer of consumers) if (!members.has(consumer)) members.set(consumer, []);
  }
  const links = [...members].flatMap(([input, consumers]) =>
    consumers.map((consumer) => ({ consumer, input })),
  );
  const linksOf = groupBy(links, ({ consumer }) => consumer);
  const below = (top: DerivationId): DerivationId[] => {
    const reached = new Set([top]);
    for (const id of reached) for (const { input } of linksOf.get(id) ?? []) reached.add(input);
    return [...reached].filter((id) => id !== config);
  };
  const tops = [...members.keys()].filter((id) => id !== config && members.get(id)?.length === 0);
  return new Map(tops.map((top) => [top, below(top)]));
}

/** The layers of an image, and those that they are made of. */
function layersOf(members: readonly DerivationId[], graph: DerivationGraph): DerivationId[] {
  const layers = new Set<DerivationId>();
  const queue = [...members];
  for (const id of queue) {
    for (const input of graph.inputIds(id)) {
      if (layers.has(input) || !layerName.test(graph.derivation(input).name)) continue;
      layers.add(input);
      queue.push(input);
    }
  }
  return [...layers];
}

function hasVariable(variables: Variables | undefined, name: string): boolean {
  return (variables?.get(name) ?? '') !== '';
}
