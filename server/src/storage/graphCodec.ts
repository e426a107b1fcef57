import * as z from 'zod';

import { outputPlaceholder } from '../derivation/closureBuilder.ts';
import { ClosureGraph, consumersOf } from '../derivation/closureGraph.ts';
import type { DerivationGraph } from '../model/derivationGraph.ts';
import {
  edgeRoles,
  type Derivation,
  type DerivationId,
  type DerivationOutput,
  type HostPlatform,
  type TargetPlatform,
} from '../model/derivation.ts';
import { PartedMap } from '../model/partedMap.ts';
import type { Steps } from '../model/slices.ts';
import { derivationNameOf, hashPartOf } from '../model/storePath.ts';

const index = z.int().nonnegative();
const column = z.array(index);

const certainty = z.enum(['evaluated', 'inferred', 'assumed']);
const hostPlatform = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('system'), system: z.string(), certainty }),
  z.object({ kind: z.literal('neutral'), reason: z.enum(['builtin', 'fixed-output']) }),
]);

/** Derivations of one part: it is read and written at one go. */
const perPart = 500;

/** Some derivations by columns, in the order of their ids: the n-th element of each is about the n-th of them, or about their n-th edge. */
export const graphPartSchema = z.object({
  drvPaths: z.array(z.string()),
  /** Bits of {@link flag}. */
  flags: column,
  systemOf: column,
  hostOf: column,
  /** Pairs of a derivation's id and its target platform, which few have. */
  targetOf: z.array(z.tuple([index, index])),
  featuresOf: column,
  outputsOf: column,
  /** Of all derivations in a row; `null` where a path is known only after the build. */
  outputPaths: z.array(z.string().nullable()),
  /** How many edges each derivation has. */
  edgeCounts: column,
  inputs: column,
  roles: column,
  edgeOutputs: column,
});

export type GraphPart = z.output<typeof graphPartSchema>;

/** What a graph has besides its derivations, and what their columns point into. */
export const graphTablesSchema = z.object({
  root: index,
  gaps: z.array(z.object({ drvPath: z.string(), message: z.string() })),
  systems: z.array(z.string()),
  hosts: z.array(hostPlatform),
  targets: z.array(z.object({ system: z.string(), certainty })),
  featureLists: z.array(z.array(z.string())),
  /** Names of outputs, as derivations have them and as edges use them. */
  outputLists: z.array(z.array(z.string())),
});

export type GraphTables = z.output<typeof graphTablesSchema>;

const flag = {
  builtin: 1,
  fixedOutput: 2,
  preferLocalBuild: 4,
  setupHookKnown: 8,
  setupHookOnly: 16,
  noSubstitutes: 32,
} as const;

/** Yields the parts of a graph, and returns the tables. */
export function* encodeGraph(graph: DerivationGraph): Generator<GraphPart, GraphTables> {
  const systems = new Table<string>();
  const hosts = new Table<HostPlatform>();
  const targets = new Table<TargetPlatform>();
  const featureLists = new Table<readonly string[]>();
  const outputLists = new Table<readonly string[]>();
  for (let first = 0; first < graph.size; first += perPart) {
    const part = emptyPart();
    for (let id = first; id < Math.min(first + perPart, graph.size); id++) {
      const derivation = graph.derivation(id);
      part.drvPaths.push(derivation.drvPath);
      part.flags.push(flagsOf(derivation));
      part.systemOf.push(systems.indexOf(derivation.system));
      part.hostOf.push(hosts.indexOf(derivation.host));
      if (derivation.target) part.targetOf.push([id, targets.indexOf(derivation.target)]);
      part.featuresOf.push(featureLists.indexOf(derivation.requiredSystemFeatures));
      part.outputsOf.push(outputLists.indexOf(derivation.outputs.map(({ name }) => name)));
      for (const { path } of derivation.outputs) part.outputPaths.push(path ?? null);
      const edges = graph.inputs(id);
      part.edgeCounts.push(edges.length);
      for (const { input, roles, outputs } of edges) {
        part.inputs.push(input);
        part.roles.push(roles.reduce((bits, role) => bits | (1 << edgeRoles.indexOf(role)), 0));
        part.edgeOutputs.push(outputLists.indexOf(outputs));
      }
    }
    yield part;
  }
  return {
    root: graph.root,
    gaps: [...graph.gaps],
    systems: systems.values,
    hosts: hosts.values,
    targets: targets.values,
    featureLists: featureLists.values.map((list) => [...list]),
    outputLists: outputLists.values.map((list) => [...list]),
  };
}

function emptyPart(): GraphPart {
  return {
    drvPaths: [],
    flags: [],
    systemOf: [],
    hostOf: [],
    targetOf: [],
    featuresOf: [],
    outputsOf: [],
    outputPaths: [],
    edgeCounts: [],
    inputs: [],
    roles: [],
    edgeOutputs: [],
  };
}

/** @throws RangeError where the columns do not belong together */
export function* decodeGraph(tables: GraphTables, parts: readonly GraphPart[]): Steps<DerivationGraph> {
  const sum = (lengthOf: (part: GraphPart) => number): number =>
    parts.reduce((before, part) => before + lengthOf(part), 0);
  const size = sum(({ drvPaths }) => drvPaths.length);
  const edgeCount = sum(({ inputs }) => inputs.length);
  const offsets = new Int32Array(size + 1);
  const inputs = new Int32Array(edgeCount);
  const roles = new Uint16Array(edgeCount);
  const outputs = new Int32Array(edgeCount);
  const idsOfDrvPaths = new PartedMap<DerivationId>();
  const owners = new PartedMap<DerivationId>();
  const derivations: Derivation[] = [];
  checkIndices([tables.root], size);
  let edge = 0;
  for (const part of parts) {
    checkEdges(part, size, tables.outputLists.length);
    inputs.set(part.inputs, edge);
    roles.set(part.roles, edge);
    outputs.set(part.edgeOutputs, edge);
    const first = derivations.length;
    for (const [place, count] of part.edgeCounts.entries()) {
      edge += count;
      offsets[first + place + 1] = edge;
    }
    addDerivations(derivations, part, tables, owners);
    for (const [place, drvPath] of part.drvPaths.entries()) idsOfDrvPaths.set(drvPath, first + place);
    yield;
  }
  const edges = { offsets, inputs, roles, outputs };
  return new ClosureGraph({
    root: tables.root,
    derivations,
    edges,
    consumers: yield* consumersOf(edges, size),
    outputLists: tables.outputLists,
    idsOfDrvPaths,
    ownersOfOutputs: owners,
    gaps: tables.gaps,
  });
}

/** @throws RangeError where the part's edges do not add up, or lead nowhere */
function checkEdges(part: GraphPart, size: number, outputLists: number): void {
  const { drvPaths, edgeCounts, inputs, roles, edgeOutputs } = part;
  const counted = edgeCounts.reduce((sum, count) => sum + count, 0);
  const columns = [inputs.length, roles.length, edgeOutputs.length];
  if (edgeCounts.length !== drvPaths.length || columns.some((length) => length !== counted))
    throw new RangeError('the edges do not add up');
  checkIndices(inputs, size);
  checkIndices(roles, 1 << edgeRoles.length);
  checkIndices(edgeOutputs, outputLists);
}

/** @throws RangeError where the columns do not belong together */
function addDerivations(
  derivations: Derivation[],
  part: GraphPart,
  tables: GraphTables,
  owners: PartedMap<DerivationId>,
): void {
  const targets = new Map(part.targetOf.map(([id, target]) => [id, at(tables.targets, target)]));
  let nextOutput = 0;
  for (const [place, drvPath] of part.drvPaths.entries()) {
    const id = derivations.length;
    const flags = at(part.flags, place);
    const outputs = at(tables.outputLists, at(part.outputsOf, place)).map((name): DerivationOutput => {
      const path = at(part.outputPaths, nextOutput);
      nextOutput += 1;
      owners.set(path === null ? outputPlaceholder(drvPath, name) : hashPartOf(path), id);
      return path === null ? { name } : { name, path };
    });
    const target = targets.get(id);
    derivations.push({
      id,
      drvPath,
      name: derivationNameOf(drvPath),
      system: at(tables.systems, at(part.systemOf, place)),
      host: at(tables.hosts, at(part.hostOf, place)),
      ...(target && { target }),
      builtin: (flags & flag.builtin) !== 0,
      fixedOutput: (flags & flag.fixedOutput) !== 0,
      outputs,
      requiredSystemFeatures: at(tables.featureLists, at(part.featuresOf, place)),
      preferLocalBuild: (flags & flag.preferLocalBuild) !== 0,
      allowSubstitutes: (flags & flag.noSubstitutes) === 0,
      ...((flags & flag.setupHookKnown) !== 0 && { setupHookOnly: (flags & flag.setupHookOnly) !== 0 }),
    });
  }
}

function flagsOf(derivation: Derivation): number {
  const { builtin, fixedOutput, preferLocalBuild, allowSubstitutes, setupHookOnly } = derivation;
  return (
    (builtin ? flag.builtin : 0) |
    (fixedOutput ? flag.fixedOutput : 0) |
    (preferLocalBuild ? flag.preferLocalBuild : 0) |
    (allowSubstitutes ? 0 : flag.noSubstitutes) |
    (setupHookOnly === undefined ? 0 : flag.setupHookKnown) |
    (setupHookOnly ? flag.setupHookOnly : 0)
  );
}

/** @throws RangeError where one of them is not below the bound */
function checkIndices(indices: readonly number[], bound: number): void {
  for (const one of indices) if (one >= bound) throw new RangeError(`index ${one} of ${bound}`);
}

function at<Element>(array: ArrayLike<Element>, position: number): Element {
  const element = array[position];
  if (element === undefined) throw new RangeError(`index ${position} of ${array.length}`);
  return element;
}

/** Values that are equal by their JSON, each kept once. */
class Table<Value> {
  readonly values: Value[] = [];
  readonly #indices = new Map<string, number>();

  indexOf(value: Value): number {
    const key = JSON.stringify(value);
    let found = this.#indices.get(key);
    if (found === undefined) {
      found = this.values.length;
      this.values.push(value);
      this.#indices.set(key, found);
    }
    return found;
  }
}
