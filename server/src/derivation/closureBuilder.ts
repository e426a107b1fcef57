import { createHash } from 'node:crypto';
import type {
  Derivation,
  DerivationId,
  DerivationOutput,
  EdgeRole,
  Gap,
  HostPlatform,
  TargetPlatform,
} from '../model/derivation.ts';
import { edgeRoles } from '../model/derivation.ts';
import type { DerivationGraph } from '../model/derivationGraph.ts';
import { PartedMap } from '../model/partedMap.ts';
import { perStep, type Steps } from '../model/slices.ts';
import { derivationNameOf, encodeNix32, hashPartOf, outputPathName } from '../model/storePath.ts';
import { ClosureGraph, consumersOf } from './closureGraph.ts';
import { inferHostPlatform, isBuiltin, isFixedOutput } from './hostPlatform.ts';
import type { ParsedDerivation, PathMention } from './parsedDerivation.ts';
import { inferTargetPlatform } from './targetPlatform.ts';

/** What has been read of a derivation for its edges, which still point at path numbers. */
interface Entry {
  readonly path: number;
  readonly firstEdge: number;
  readonly uses: readonly PathMention[];
  /** Of its edges, where another graph knows them: then nothing is looked for in {@link uses}. */
  readonly roles?: readonly (readonly EdgeRole[])[];
}

/**
 * Gathers parsed derivations, in any order, into a {@link ClosureGraph}. Every
 * .drv path gets a number when it is first mentioned; who fills the builder
 * reads them in the order of {@link drvPaths}.
 */
export class ClosureBuilder {
  /** All paths that were mentioned, the root first; the index is the path's number. */
  readonly drvPaths: string[] = [];
  readonly #numbers = new PartedMap<number>();
  readonly #entries: Entry[] = [];
  readonly #derivations: Derivation[] = [];
  readonly #edgePaths: number[] = [];
  readonly #edgeOutputs: number[] = [];
  readonly #outputLists = new Table<readonly string[]>((list) =>
    list.length === 1 ? (list[0] ?? '') : list.join('\0'),
  );
  readonly #hosts = new Table<HostPlatform>((host) =>
    host.kind === 'system' ? `${host.system} ${host.certainty}` : host.reason,
  );
  readonly #targets = new Table<TargetPlatform>(({ system }) => system);
  readonly #owners = new PartedMap<DerivationId>();
  /** Derivations that build what another one builds: they differ in how their sources are fetched. */
  readonly #otherOwners = new Map<string, readonly DerivationId[]>();
  readonly #gaps: Gap[] = [];

  constructor(rootDrvPath: string) {
    this.#numberOf(rootDrvPath);
  }

  /** Adds the derivation of a path that was mentioned; call it once for each. */
  add(drvPath: string, parsed: ParsedDerivation): void {
    const name = derivationNameOf(drvPath);
    const id = this.#entries.length;
    const firstEdge = this.#edgePaths.length;
    for (const input of parsed.inputs) {
      this.#edgePaths.push(this.#numberOf(input.drvPath));
      this.#edgeOutputs.push(this.#outputLists.indexOf(input.outputs));
    }
    const outputs: DerivationOutput[] = [];
    for (const { name: outputName, path } of parsed.outputs) {
      outputs.push(path === undefined ? { name: outputName } : { name: outputName, path });
      this.#own(keyOfOutput(drvPath, outputName, path), id);
    }
    const target = inferTargetPlatform(parsed, name);
    const derivation: Derivation = {
      id,
      drvPath,
      name,
      system: parsed.system,
      host: this.#hosts.kept(inferHostPlatform(parsed, name)),
      ...(target && { target: this.#targets.kept(target) }),
      builtin: isBuiltin(parsed),
      fixedOutput: isFixedOutput(parsed),
      outputs,
      requiredSystemFeatures: parsed.requiredSystemFeatures,
      preferLocalBuild: parsed.preferLocalBuild,
      allowSubstitutes: parsed.allowSubstitutes,
      setupHookOnly: parsed.setupHookOnly,
    };
    this.#derivations.push(derivation);
    this.#entries.push({ path: this.#numberOf(drvPath), firstEdge, uses: parsed.uses });
  }

  /**
   * Adds a derivation as another graph has it, which has no gaps: a .drv file
   * never changes, and what it needs is in that graph as well.
   */
  addKnown(known: DerivationGraph, knownId: DerivationId): void {
    const derivation = known.derivation(knownId);
    const id = this.#entries.length;
    const firstEdge = this.#edgePaths.length;
    const roles: (readonly EdgeRole[])[] = [];
    for (const edge of known.inputs(knownId)) {
      this.#edgePaths.push(this.#numberOf(known.derivation(edge.input).drvPath));
      this.#edgeOutputs.push(this.#outputLists.indexOf(edge.outputs));
      roles.push(edge.roles);
    }
    const { drvPath, outputs } = derivation;
    for (const { name, path } of outputs) this.#own(keyOfOutput(drvPath, name, path), id);
    const path = this.#numberOf(drvPath);
    this.#derivations.push({ ...derivation, id });
    this.#entries.push({ path, firstEdge, uses: [], roles });
  }

  /** Notes that the derivation of a path could not be read; edges to it are left out. */
  addGap(gap: Gap): void {
    this.#gaps.push(gap);
  }

  /**
   * Makes the graph. Yields now and then, so that the caller can give way to others.
   *
   * @throws Error when the root is a gap
   */
  *finish(): Steps<ClosureGraph> {
    const idsOfPaths = new Int32Array(this.drvPaths.length).fill(-1);
    for (const [id, { path }] of this.#entries.entries()) {
      if (id % perStep === 0) yield;
      idsOfPaths[path] = id;
    }
    const numbers = this.#numbers;
    /** Undefined for a path that was mentioned, and not read. */
    const idOf = (number: number | undefined): DerivationId | undefined => {
      const id = idsOfPaths[number ?? -1] ?? -1;
      return id < 0 ? undefined : id;
    };
    const root = idOf(0);
    if (root === undefined) throw new Error(this.#gaps[0]?.message ?? 'the root derivation was not read');

    const size = this.#entries.length;
    const offsets = new Int32Array(size + 1);
    const inputs = new Int32Array(this.#edgePaths.length);
    const outputs = new Int32Array(this.#edgePaths.length);
    const roles = new Uint16Array(this.#edgePaths.length);
    // The edge from the derivation at hand to an input, where it is at or behind that derivation's first edge.
    const edgeToInput = new Int32Array(size).fill(-1);
    let edge = 0;
    for (const [id, { firstEdge, uses, roles: known }] of this.#entries.entries()) {
      const first = edge;
      offsets[id] = first;
      const end = this.#entries[id + 1]?.firstEdge ?? this.#edgePaths.length;
      for (let source = firstEdge; source < end; source++) {
        const input = idsOfPaths[this.#edgePaths[source] ?? -1] ?? -1;
        if (input < 0) continue;
        edgeToInput[input] = edge;
        inputs[edge] = input;
        outputs[edge] = this.#edgeOutputs[source] ?? 0;
        for (const role of known?.[source - firstEdge] ?? []) roles[edge] = (roles[edge] ?? 0) | bitOf(role);
        edge++;
      }
      for (const { role, hash } of uses) {
        for (const owner of this.#ownersOf(hash)) {
          const used = edgeToInput[owner] ?? -1;
          if (used >= first) roles[used] = (roles[used] ?? 0) | bitOf(role);
        }
      }
      for (let own = first; own < edge; own++) {
        if (roles[own] === 0) roles[own] = bitOf('reference');
      }
      if (id % 64 === 0) yield;
    }
    offsets[size] = edge;
    const edges = {
      offsets,
      inputs: inputs.slice(0, edge),
      outputs: outputs.slice(0, edge),
      roles: roles.slice(0, edge),
    };
    return new ClosureGraph({
      root,
      derivations: this.#derivations,
      edges,
      consumers: yield* consumersOf(edges, size),
      outputLists: this.#outputLists.values,
      idsOfDrvPaths: { get: (drvPath) => idOf(numbers.get(drvPath)) },
      ownersOfOutputs: this.#owners,
      gaps: this.#gaps,
    });
  }

  #own(output: string, id: DerivationId): void {
    if (this.#owners.get(output) === undefined) this.#owners.set(output, id);
    else this.#otherOwners.set(output, [...(this.#otherOwners.get(output) ?? []), id]);
  }

  #ownersOf(output: string): readonly DerivationId[] {
    const owner = this.#owners.get(output);
    return owner === undefined ? [] : [owner, ...(this.#otherOwners.get(output) ?? [])];
  }

  #numberOf(drvPath: string): number {
    let number = this.#numbers.get(drvPath);
    if (number === undefined) {
      number = this.drvPaths.length;
      this.drvPaths.push(drvPath);
      this.#numbers.set(drvPath, number);
    }
    return number;
  }
}

/** By what texts name an output: its path's hash part, or its placeholder. */
function keyOfOutput(drvPath: string, outputName: string, path: string | undefined): string {
  return path === undefined ? outputPlaceholder(drvPath, outputName) : hashPartOf(path);
}

/**
 * The text that stands for an output whose path is known only after the build
 * (Nix source, `DownstreamPlaceholder::unknownCaOutput`), without its slash.
 */
export function outputPlaceholder(drvPath: string, outputName: string): string {
  const pathName = outputPathName(derivationNameOf(drvPath), outputName);
  const clearText = `nix-upstream-output:${hashPartOf(drvPath)}:${pathName}`;
  return encodeNix32(createHash('sha256').update(clearText).digest());
}

const bits: ReadonlyMap<EdgeRole, number> = new Map(edgeRoles.map((role, index) => [role, 1 << index]));

function bitOf(role: EdgeRole): number {
  return bits.get(role) ?? 0;
}

/** Values that are equal by their key, each kept once. */
class Table<Value> {
  readonly values: Value[] = [];
  readonly #key: (value: Value) => string;
  readonly #indices = new Map<string, number>();

  constructor(key: (value: Value) => string) {
    this.#key = key;
  }

  indexOf(value: Value): number {
    const key = this.#key(value);
    let index = this.#indices.get(key);
    if (index === undefined) {
      index = this.values.length;
      this.values.push(value);
      this.#indices.set(key, index);
    }
    return index;
  }

  kept(value: Value): Value {
    return this.values[this.indexOf(value)] ?? value;
  }
}
