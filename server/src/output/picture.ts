import type { DerivationGraph } from '../model/derivationGraph.ts';
import type { Derivation, DerivationId } from '../model/derivation.ts';
import type { Leak } from '../model/judgement.ts';

/** A part of a closure to be drawn. */
export interface Picture {
  readonly title: string;
  readonly nodes: readonly PictureNode[];
  readonly edges: readonly PictureEdge[];
}

export interface PictureNode {
  /** Letters and digits; unique within the picture. */
  readonly id: string;
  readonly lines: readonly string[];
  /** `skipped` stands for a stretch without branches. */
  readonly kind: 'root' | 'plain' | 'wrong' | 'skipped';
}

export interface PictureEdge {
  readonly from: string;
  readonly to: string;
  readonly lines: readonly string[];
  readonly crosses: boolean;
}

/** A way through a closure, from a consumer to an input at each step. */
export type Path = readonly DerivationId[];

/** Derivations that one picture shows at most; what is left out is counted. */
const mostNodes = 60;

/**
 * Draws paths from the root together. Stretches on which nothing branches and
 * nothing is wrong become one node.
 *
 * @param wrong the leaks, by whose edges and faults it is told what is red
 * @returns the picture, and how many of the paths have no place in it
 */
export function drawPaths(
  graph: DerivationGraph,
  paths: readonly Path[],
  wrong: readonly Leak[],
  title: string,
  most = mostNodes,
): { readonly picture: Picture; readonly left: number } {
  const marks = marksOf(wrong);
  let drawing = contract(graph, [[graph.root]], marks);
  const taken: Path[] = [[graph.root]];
  let left = 0;
  for (const path of paths) {
    const larger = contract(graph, [...taken, path], marks);
    if (larger.nodes.length > most && taken.length > 1) left += 1;
    else {
      taken.push(path);
      drawing = larger;
    }
  }
  return { picture: { title, ...drawing }, left };
}

interface Marks {
  /** What is wrong with an edge; undefined where nothing is. */
  readonly edge: (consumer: DerivationId, input: DerivationId) => string | undefined;
  readonly isWrong: (id: DerivationId) => boolean;
  /** What is wrong with a derivation whoever uses it. */
  readonly faults: (id: DerivationId) => readonly string[];
}

function marksOf(leaks: readonly Leak[]): Marks {
  const edges = new Map<string, string>();
  const faults = new Map<DerivationId, readonly string[]>();
  for (const leak of leaks) {
    for (const { consumer, input, needs, runsOn } of leak.edges)
      edges.set(`${consumer} ${input}`, `needs ${needs.join(' or ')}, runs on ${runsOn}`);
    faults.set(
      leak.input,
      leak.faults.map(({ rule }) => rule),
    );
  }
  return {
    edge: (consumer, input) => edges.get(`${consumer} ${input}`),
    isWrong: (id) => faults.has(id),
    faults: (id) => faults.get(id) ?? [],
  };
}

function contract(graph: DerivationGraph, paths: readonly Path[], marks: Marks): Omit<Picture, 'title'> {
  const inputs = new Map<DerivationId, Set<DerivationId>>();
  const consumers = new Map<DerivationId, Set<DerivationId>>();
  const ends = new Set<DerivationId>([graph.root]);
  for (const path of paths) {
    ends.add(path.at(-1) ?? graph.root);
    for (const [index, id] of path.entries()) {
      const below = inputs.get(id) ?? new Set<DerivationId>();
      const above = consumers.get(id) ?? new Set<DerivationId>();
      inputs.set(id, below);
      consumers.set(id, above);
      const [next, previous] = [path[index + 1], index > 0 ? path[index - 1] : undefined];
      if (next !== undefined) below.add(next);
      if (previous !== undefined) above.add(previous);
    }
  }
  const crossesAt = (id: DerivationId): boolean =>
    [...(inputs.get(id) ?? [])].some((input) => marks.edge(id, input) !== undefined) ||
    [...(consumers.get(id) ?? [])].some((consumer) => marks.edge(consumer, id) !== undefined);
  const isKept = (id: DerivationId): boolean =>
    ends.has(id) ||
    marks.isWrong(id) ||
    inputs.get(id)?.size !== 1 ||
    consumers.get(id)?.size !== 1 ||
    crossesAt(id);

  const nodes: PictureNode[] = [];
  const edges: PictureEdge[] = [];
  for (const [id, below] of inputs) {
    if (!isKept(id)) continue;
    nodes.push(nodeOf(graph.derivation(id), id === graph.root, marks));
    for (const input of below) {
      const stretch = stretchFrom(input, inputs, isKept);
      const [first] = stretch.skipped;
      if (first === undefined || stretch.skipped.length === 1) {
        // One node takes no more room than its own sign.
        const chain = [id, ...stretch.skipped, stretch.end];
        for (const [index, to] of chain.entries()) {
          const from = chain[index - 1];
          if (from !== undefined) edges.push(edgeOf(graph, from, to, marks));
          if (stretch.skipped.includes(to)) nodes.push(nodeOf(graph.derivation(to), false, marks));
        }
        continue;
      }
      const skipped = `${nodeId(first)}to${stretch.end}`;
      nodes.push({ id: skipped, lines: [`… ${stretch.skipped.length} more …`], kind: 'skipped' });
      edges.push({ from: nodeId(id), to: skipped, lines: [], crosses: false });
      edges.push({ from: skipped, to: nodeId(stretch.end), lines: [], crosses: false });
    }
  }
  return { nodes, edges };
}

/** From one input on, the derivations without a branch, and the first one that is kept. */
function stretchFrom(
  start: DerivationId,
  inputs: ReadonlyMap<DerivationId, ReadonlySet<DerivationId>>,
  isKept: (id: DerivationId) => boolean,
): { readonly skipped: readonly DerivationId[]; readonly end: DerivationId } {
  const skipped: DerivationId[] = [];
  let at = start;
  while (!isKept(at)) {
    skipped.push(at);
    const [next] = inputs.get(at) ?? [];
    if (next === undefined) break;
    at = next;
  }
  return { skipped, end: at };
}

function nodeId(id: DerivationId): string {
  return `d${id}`;
}

function nodeOf(derivation: Derivation, isRoot: boolean, marks: Marks): PictureNode {
  const { id, name } = derivation;
  return {
    id: nodeId(id),
    lines: [name, platformsOf(derivation), ...marks.faults(id)],
    kind: marks.isWrong(id) ? 'wrong' : isRoot ? 'root' : 'plain',
  };
}

function edgeOf(graph: DerivationGraph, from: DerivationId, to: DerivationId, marks: Marks): PictureEdge {
  const mark = marks.edge(from, to);
  const roles = graph.inputs(from).find(({ input }) => input === to)?.roles ?? [];
  return {
    from: nodeId(from),
    to: nodeId(to),
    lines: [roles.join(', '), ...(mark === undefined ? [] : [mark])].filter((line) => line !== ''),
    crosses: mark !== undefined,
  };
}

/** `x86_64-linux`, or `x86_64-linux → aarch64-linux` where it runs elsewhere than it is built. */
export function platformsOf({ system, host, builtin }: Derivation): string {
  if (builtin) return 'builtin';
  return host.kind === 'system' && host.system !== system ? `${system} → ${host.system}` : system;
}
