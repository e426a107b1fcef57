import * as z from 'zod';

import { outputPlaceholder } from '../derivation/closureBuilder.ts';
import { ClosureGraph } from '../derivation/closureGraph.ts';
import type { DerivationGraph } from '../model/derivationGraph.ts';
import {
  edgeRoles,
  type Derivation,
  type DerivationOutput,
  type HostPlatform,
  type TargetPlatform,
} from '../model/derivation.ts';
import { perStep, type Steps } from '../model/slices.ts';
import { derivationNameOf, hashPartOf } from '../model/storePath.ts';

const index = z.int().nonnegative();
const column = z.array(index);

const certainty = z.enum(['evaluated', 'inferred', 'assumed']);
const hostPlatform = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('system'), system: z.string(), certainty }),
  z.object({ kind: z.literal('neutral'), reason: z.enum(['builtin', 'fixed-output']) }),
]);

/** A graph by columns: the n-th element of each is about derivation n, or about edge n. */
export const graphSchema = z.object({
  root: index,
  gaps: z.array(z.object({ drvPath: z.string(), message: z.string() })),
  drvPaths: z.array(z.string()),
  /** Bits of {@link flag}. */
  flags: column,
  systems: z.array(z.string()),
  systemOf: column,
  hosts: z.array(hostPlatform),
  hostOf: column,
  targets: z.array(z.object({ system: z.string(), certainty })),
  /** Pairs of a derivation and its target platform, which few have. */
  targetOf: z.array(z.tuple([index, index])),
  featureLists: z.array(z.array(z.string())),
  featuresOf: column,
  /** Names of outputs, as derivations have them and as edges use them. */
  outputLists: z.array(z.array(z.string())),
  outputsOf: column,
  /** Of all derivations in a row; `null` where a path is known only after the build. */
  outputPaths: z.array(z.string().nullable()),
  /** How many edges each derivation has. */
  edgeCounts: column,
  inputs: column,
  roles: column,
  edgeOutputs: column,
});

export type StoredGraph = z.output<typeof graphSchema>;

const flag = {
  builtin: 1,
  fixedOutput: 2,
  preferLocalBuild: 4,
  setupHookKnown: 8,
  setupHookOnly: 16,
  noSubstitutes: 32,
} as const;

export function* encodeGraph(graph: DerivationGraph): Steps<StoredGraph> {
  const systems = new Table<string>();
  const hosts = new Table<HostPlatform>();
  const targets = new Table<TargetPlatform>();
  const featureLists = new Table<readonly string[]>();
  const outputLists = new Table<readonly string[]>();
  const stored: StoredGraph = {
    root: graph.root,
    gaps: [...graph.gaps],
    drvPaths: [],
    flags: [],
    systems: [],
    systemOf: [],
    hosts: [],
    hostOf: [],
    targets: [],
    targetOf: [],
    featureLists: [],
    featuresOf: [],
    outputLists: [],
    outputsOf: [],
    outputPaths: [],
    edgeCounts: [],
    inputs: [],
    roles: [],
    edgeOutputs: [],
  };
  for (let id = 0; id < graph.size; id++) {
    if (id % perStep === perStep - 1) yield;
    const derivation = graph.derivation(id);
    stored.drvPaths.push(derivation.drvPath);
    stored.flags.push(flagsOf(derivation));
    stored.systemOf.push(systems.indexOf(derivation.system));
    stored.hostOf.push(hosts.indexOf(derivation.host));
    if (derivation.target) stored.targetOf.push([id, targets.indexOf(derivation.target)]);
    stored.featuresOf.push(featureLists.indexOf(derivation.requiredSystemFeatures));
    stored.outputsOf.push(outputLists.indexOf(derivation.outputs.map(({ name }) => name)));
    for (const { path } of derivation.outputs) stored.outputPaths.push(path ?? null);
    const edges = graph.inputs(id);
    stored.edgeCounts.push(edges.length);
    for (const { input, roles, outputs } of edges) {
      stored.inputs.push(input);
      stored.roles.push(roles.reduce((bits, role) => bits | (1 << edgeRoles.indexOf(role)), 0));
      stored.edgeOutputs.push(outputLists.indexOf(outputs));
    }
  }
  return {
    ...stored,
    systems: systems.values,
    hosts: hosts.values,
    targets: targets.values,
    featureLists: featureLists.values.map((list) => [...list]),
    outputLists: outputLists.values.map((list) => [...list]),
  };
}

/** @throws RangeError where the columns do not belong together */
export function decodeGraph(stored: StoredGraph): DerivationGraph {
  const { drvPaths, outputPaths } = stored;
  const size = drvPaths.length;
  const edgeCount = stored.inputs.length;
  const owners = new Map<string, number>();
  const targets = new Map(stored.targetOf.map(([id, target]) => [id, at(stored.targets, target)]));
  const offsets = new Int32Array(size + 1);
  let nextOutput = 0;
  const derivations = drvPaths.map((drvPath, id): Derivation => {
    const flags = at(stored.flags, id);
    const outputs = at(stored.outputLists, at(stored.outputsOf, id)).map((name): DerivationOutput => {
      const path = at(outputPaths, nextOutput);
      nextOutput += 1;
      owners.set(path === null ? outputPlaceholder(drvPath, name) : hashPartOf(path), id);
      return path === null ? { name } : { name, path };
    });
    offsets[id + 1] = at(offsets, id) + at(stored.edgeCounts, id);
    const target = targets.get(id);
    return {
      id,
      drvPath,
      name: derivationNameOf(drvPath),
      system: at(stored.systems, at(stored.systemOf, id)),
      host: at(stored.hosts, at(stored.hostOf, id)),
      ...(target && { target }),
      builtin: (flags & flag.builtin) !== 0,
      fixedOutput: (flags & flag.fixedOutput) !== 0,
      outputs,
      requiredSystemFeatures: at(stored.featureLists, at(stored.featuresOf, id)),
      preferLocalBuild: (flags & flag.preferLocalBuild) !== 0,
      allowSubstitutes: (flags & flag.noSubstitutes) === 0,
      ...((flags & flag.setupHookKnown) !== 0 && { setupHookOnly: (flags & flag.setupHookOnly) !== 0 }),
    };
  });
  checkIndices([stored.root], size);
  checkIndices(stored.inputs, size);
  checkIndices(stored.roles, 1 << edgeRoles.length);
  checkIndices(stored.edgeOutputs, stored.outputLists.length);
  const columns = [stored.roles.length, stored.edgeOutputs.length, at(offsets, size)];
  if (columns.some((length) => length !== edgeCount)) throw new RangeError('the edges do not add up');
  return new ClosureGraph({
    root: stored.root,
    derivations,
    edges: {
      offsets,
      inputs: Int32Array.from(stored.inputs),
      roles: Uint16Array.from(stored.roles),
      outputs: Int32Array.from(stored.edgeOutputs),
    },
    outputLists: stored.outputLists,
    ownersOfOutputs: owners,
    gaps: stored.gaps,
  });
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
