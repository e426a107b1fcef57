import type { Derivation, DerivationId, EdgeRole, Gap, InputEdge } from '../model/derivation.ts';
import { edgeRoles } from '../model/derivation.ts';
import { hashPartOf } from '../model/storePath.ts';
import { perStep, type Steps } from '../model/slices.ts';
import type { System } from '../model/system.ts';
import { withEvaluated } from './evaluatedPlatforms.ts';
import type { DerivationGraph, EvaluatedPlatforms } from '../model/derivationGraph.ts';

/** The edges of a graph as an adjacency list: those of derivation `d` stand at `offsets[d] … offsets[d + 1] - 1`. */
export interface Edges {
  readonly offsets: Int32Array;
  readonly inputs: Int32Array;
  /** Bit `r` is set where the edge has the role `edgeRoles[r]`. */
  readonly roles: Uint16Array;
  /** Index into the table of output lists. */
  readonly outputs: Int32Array;
}

/** The same the other way round: the consumers of derivation `d` stand at `offsets[d] … offsets[d + 1] - 1`. */
interface Consumers {
  readonly offsets: Int32Array;
  readonly consumers: Int32Array;
}

/** Finds derivations by texts: whoever makes a graph knows them already. */
interface IdsByText {
  get(text: string): DerivationId | undefined;
}

/** What a {@link ClosureGraph} is made of; ids are indices everywhere. */
export interface ClosureParts {
  readonly root: DerivationId;
  readonly derivations: readonly Derivation[];
  readonly edges: Edges;
  readonly outputLists: readonly (readonly string[])[];
  /** By {@link consumersOf}. */
  readonly consumers: Consumers;
  readonly idsOfDrvPaths: IdsByText;
  /** Hash parts of output paths, and placeholders of floating outputs. */
  readonly ownersOfOutputs: IdsByText;
  readonly gaps: readonly Gap[];
}

/** The closure of one root derivation, with its edges in typed arrays. */
export class ClosureGraph implements DerivationGraph {
  readonly root: DerivationId;
  readonly size: number;
  readonly edgeCount: number;
  readonly gaps: readonly Gap[];
  readonly #parts: ClosureParts;
  readonly #derivations: readonly Derivation[];
  readonly #edges: Edges;
  readonly #outputLists: readonly (readonly string[])[];
  readonly #ownersOfOutputs: IdsByText;

  constructor(parts: ClosureParts) {
    this.#parts = parts;
    this.root = parts.root;
    this.size = parts.derivations.length;
    this.edgeCount = parts.edges.inputs.length;
    this.gaps = parts.gaps;
    this.#derivations = parts.derivations;
    this.#edges = parts.edges;
    this.#outputLists = parts.outputLists;
    this.#ownersOfOutputs = parts.ownersOfOutputs;
  }

  derivation(id: DerivationId): Derivation {
    const derivation = this.#derivations[id];
    if (derivation === undefined) throw new RangeError(`no derivation has the id ${id}`);
    return derivation;
  }

  system(id: DerivationId): System {
    return this.derivation(id).system;
  }

  inputs(id: DerivationId): readonly InputEdge[] {
    const { offsets, inputs, roles, outputs } = this.#edges;
    const views: InputEdge[] = [];
    for (let edge = at(offsets, id); edge < at(offsets, id + 1); edge++) {
      views.push({
        input: at(inputs, edge),
        roles: rolesOf(at(roles, edge)),
        outputs: this.#outputLists[at(outputs, edge)] ?? [],
      });
    }
    return views;
  }

  inputIds(id: DerivationId): Int32Array {
    const { offsets, inputs } = this.#edges;
    return inputs.subarray(at(offsets, id), at(offsets, id + 1));
  }

  consumerIds(id: DerivationId): Int32Array {
    const { offsets, consumers } = this.#parts.consumers;
    return consumers.subarray(at(offsets, id), at(offsets, id + 1));
  }

  findByDrvPath(drvPath: string): DerivationId | undefined {
    return this.#parts.idsOfDrvPaths.get(drvPath);
  }

  findByOutputPath(outputPath: string): DerivationId | undefined {
    const isPlaceholder = outputPath.lastIndexOf('/') === 0;
    return this.#ownersOfOutputs.get(isPlaceholder ? outputPath.slice(1) : hashPartOf(outputPath));
  }

  withPlatforms(evaluated: ReadonlyMap<DerivationId, EvaluatedPlatforms>): DerivationGraph {
    if (evaluated.size === 0) return this;
    const derivations = [...this.#derivations];
    for (const [id, platforms] of evaluated) {
      derivations[id] = withEvaluated(this.derivation(id), platforms, this.inputs(id));
    }
    return new ClosureGraph({ ...this.#parts, derivations });
  }
}

/** Turns edges round. Yields now and then. */
export function* consumersOf(edges: Edges, size: number): Steps<Consumers> {
  const offsets = new Int32Array(size + 1);
  for (const [edge, input] of edges.inputs.entries()) {
    if (edge % edgesOfStep === 0) yield;
    offsets[input + 1] = at(offsets, input + 1) + 1;
  }
  for (let id = 0; id < size; id++) offsets[id + 1] = at(offsets, id + 1) + at(offsets, id);
  yield;
  const next = offsets.slice();
  const consumers = new Int32Array(edges.inputs.length);
  for (let consumer = 0; consumer < size; consumer++) {
    if (consumer % perStep === 0) yield;
    for (let edge = at(edges.offsets, consumer); edge < at(edges.offsets, consumer + 1); edge++) {
      const input = at(edges.inputs, edge);
      const place = at(next, input);
      consumers[place] = consumer;
      next[input] = place + 1;
    }
  }
  return { offsets, consumers };
}

/** After how many edges others may have their turn. */
const edgesOfStep = 5000;

/** Lists of roles by their bits, made once each. */
const roleLists = new Map<number, readonly EdgeRole[]>();

function rolesOf(bits: number): readonly EdgeRole[] {
  let roles = roleLists.get(bits);
  if (roles === undefined) {
    roles = edgeRoles.filter((_, index) => (bits & (1 << index)) !== 0);
    roleLists.set(bits, roles);
  }
  return roles;
}

/** An element of an array whose indices are known to be right. */
function at(array: Int32Array | Uint16Array, index: number): number {
  const element = array[index];
  if (element === undefined) throw new RangeError(`index ${index} of ${array.length}`);
  return element;
}
