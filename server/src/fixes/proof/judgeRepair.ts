import { hostOrBuild } from '../../check/hostSystems.ts';
import { withLevels } from '../../check/policy.ts';
import { outputPlaceholder } from '../../derivation/closureBuilder.ts';
import { nativeName } from '../../derivation/triples.ts';
import type { DerivationId } from '../../model/derivation.ts';
import type { DerivationGraph } from '../../model/derivationGraph.ts';
import type { CrossingEdge, DerivationFault, RuleLevels } from '../../model/judgement.ts';
import type { AttributedLeak } from '../../model/report.ts';
import type { Steps } from '../../model/slices.ts';
import type { JudgedClosure } from '../../running/evaluator.ts';
import { hashPartOf } from '../../model/storePath.ts';
import { findChanges, type ClosureChanges, type Counterpart } from './closureChanges.ts';
import { unexplainedChange, type OutputPath, type WrongInput } from './explainedTexts.ts';
import { findTextChanges } from './textChanges.ts';
import { findRenamedProgram, whyNoTwin } from './twins.ts';

/** A repair that was tried, perhaps with others: the leaks that it is meant for, in the closure before. */
export interface TriedRepair {
  readonly leaks: readonly AttributedLeak[];
  /** It changes for which platform the consumers of the leaks are, and not the inputs. */
  readonly movesConsumers: boolean;
  /** It gives consumers an input that they did not have. */
  readonly addsInputs: boolean;
}

/** What became of the leaks that a repair was meant for, by their inputs. */
export interface RepairEffect {
  /** What is wrong nowhere any more that the repair reaches. */
  readonly repaired: readonly DerivationId[];
  /** What still is wrong in a derivation that the repair changed. */
  readonly remaining: readonly DerivationId[];
}

/** What a repaired closure shows of the repairs that were tried together. */
export interface RepairedJudgement {
  /** Of each repair, in their order. */
  readonly effects: readonly RepairEffect[];
  /** The first thing that became wrong, or became another one without having been wrong; undefined where nothing did. */
  readonly harm?: Harm;
  /** How many derivations were made anew for the same platform. */
  readonly rebuilt: number;
  /** Set where the root is for another platform now. */
  readonly movedRoot?: Counterpart;
}

export interface Harm {
  /** Without a full stop. */
  readonly reason: string;
  /** The package that it is about, as {@link nativeName} has it. */
  readonly name: string;
}

/**
 * Compares a closure with the one of the repaired source, edge by edge. What was
 * wrong has to be the same package for the right platform then; what was right
 * has to be what it was, to the last word that a builder is given.
 *
 * @param levels what people set, by which an edge is wrong or not
 */
export function* judgeRepairs(
  before: JudgedClosure,
  after: JudgedClosure,
  tried: readonly TriedRepair[],
  levels: RuleLevels,
): Steps<RepairedJudgement> {
  const changes = yield* findChanges(before.graph, after.graph);
  const comparison = new Comparison(before, after, changes, tried, levels);
  const harm = yield* comparison.findHarm();
  return {
    effects: tried.map(({ leaks, movesConsumers }) => comparison.effectOn(leaks, movesConsumers)),
    ...(harm && { harm }),
    rebuilt: changes.rebuilt.length,
    ...(changes.movedRoot && { movedRoot: changes.movedRoot }),
  };
}

/** Edges by `consumer input`. */
type Edges = ReadonlyMap<string, CrossingEdge>;

class Comparison {
  readonly #before: JudgedClosure;
  readonly #after: JudgedClosure;
  readonly #changes: ClosureChanges;
  readonly #tried: readonly TriedRepair[];
  readonly #wrongBefore: Edges;
  readonly #wrongAfter: Edges;
  readonly #faultyAfter: ReadonlyMap<DerivationId, DerivationFault>;
  readonly #faultyBefore: ReadonlySet<DerivationId>;
  /** Counterparts of derivations that changed, rebuilt or moved. */
  readonly #counterparts = new Map<DerivationId, DerivationId[]>();
  readonly #movedConsumers: ReadonlySet<DerivationId>;

  constructor(
    before: JudgedClosure,
    after: JudgedClosure,
    changes: ClosureChanges,
    tried: readonly TriedRepair[],
    levels: RuleLevels,
  ) {
    this.#before = before;
    this.#after = after;
    this.#changes = changes;
    this.#tried = tried;
    this.#wrongBefore = edgesOf(before.judgement.leaks.flatMap(({ edges }) => edges));
    const told = after.judgement.leaks.flatMap((leak) => withLevels(leak, levels) ?? []);
    this.#wrongAfter = edgesOf(
      told.flatMap(({ edges }) => edges.filter(({ severity }) => severity !== 'info')),
    );
    const faults = told.flatMap((leak) => leak.faults.filter(isWrongByItself));
    this.#faultyAfter = new Map(faults.map((fault) => [fault.derivation, fault]));
    this.#faultyBefore = new Set(
      before.judgement.leaks.flatMap((leak) => leak.faults.map(({ derivation }) => derivation)),
    );
    const pairs = [
      ...changes.rebuilt,
      ...changes.moved.map(({ input }) => input),
      ...(changes.movedRoot ? [changes.movedRoot] : []),
    ];
    for (const { before: one, after: other } of pairs) {
      const known = this.#counterparts.get(one);
      if (known) known.push(other);
      else this.#counterparts.set(one, [other]);
    }
    this.#movedConsumers = new Set(
      tried.flatMap(({ leaks, movesConsumers }) =>
        movesConsumers ? leaks.flatMap(({ edges }) => edges.map(({ consumer }) => consumer)) : [],
      ),
    );
  }

  /** The first thing that is worse than before, or other than it should be. */
  *findHarm(): Steps<Harm | undefined> {
    const ofRoot = this.#harmToRoot();
    if (ofRoot) return ofRoot;
    for (const { consumer, input } of this.#changes.moved) {
      const harm = this.#harmByMove(consumer, input);
      if (harm) return harm;
      yield;
    }
    for (const { consumer, input } of this.#changes.gone) {
      const harm = this.#harmByLoss(consumer, input);
      if (harm) return harm;
    }
    for (const { consumer, input } of this.#changes.come) {
      const harm = this.#harmByGain(consumer, input);
      if (harm) return harm;
    }
    const added = this.#harmByNewMistake();
    if (added) return added;
    const renamed = this.#renamedHashes();
    for (const pair of this.#changes.rebuilt) {
      const harm = this.#harmToTexts(pair, renamed);
      if (harm) return harm;
      yield;
    }
    return undefined;
  }

  effectOn(leaks: readonly AttributedLeak[], movesConsumers: boolean): RepairEffect {
    const repaired: DerivationId[] = [];
    const remaining: DerivationId[] = [];
    for (const leak of leaks) {
      const states = [
        ...leak.edges.map((edge) => this.#stateOfEdge(edge, movesConsumers)),
        ...leak.faults.filter(isWrongByItself).map(({ derivation }) => this.#stateOfFault(derivation)),
      ];
      if (states.includes('wrong')) remaining.push(leak.input);
      else if (states.includes('repaired')) repaired.push(leak.input);
    }
    return { repaired, remaining };
  }

  /** What became of an edge; `untouched` where its consumer is what it was. */
  #stateOfEdge(
    { consumer, input }: CrossingEdge,
    movesConsumers: boolean,
  ): 'repaired' | 'wrong' | 'untouched' {
    const consumers = this.#counterparts.get(consumer);
    if (consumers === undefined) return this.#isInRepairedClosure(consumer) ? 'untouched' : 'repaired';
    const isWrong = consumers.some((now) => {
      if (
        this.#after.graph
          .inputIds(now)
          .some((id) => this.#wrongAfter.has(keyOf(now, id)) && this.#isOf(input, id))
      )
        return true;
      if (movesConsumers && this.#movedConsumers.has(consumer)) return false;
      return this.#isUsedAsBefore(consumer, now, input);
    });
    return isWrong ? 'wrong' : 'repaired';
  }

  /** Is it still the same input, used in the same way? Then it is no better than before, whatever the judgement cannot tell. */
  #isUsedAsBefore(consumer: DerivationId, now: DerivationId, input: DerivationId): boolean {
    const same = this.#after.graph.findByDrvPath(this.#before.graph.derivation(input).drvPath);
    if (same === undefined || !this.#after.graph.inputIds(now).includes(same)) return false;
    const rolesIn = (graph: DerivationGraph, id: DerivationId, of: DerivationId): string =>
      graph
        .inputs(id)
        .find((edge) => edge.input === of)
        ?.roles.join(' ') ?? '';
    if (rolesIn(this.#before.graph, consumer, input) !== rolesIn(this.#after.graph, now, same)) return false;
    const [was, is] = [this.#before.scriptOf(consumer), this.#after.scriptOf(now)];
    if (!was || !is) return true;
    const { outputs } = this.#before.graph.derivation(input);
    const { lines, reshaped } = findTextChanges(was, is, this.#renamedHashes());
    const isMentioned = (text: string): boolean =>
      outputs.some(({ path }) => path !== undefined && text.includes(path));
    return reshaped.length === 0 && !lines.some(({ before: text }) => isMentioned(text));
  }

  #stateOfFault(derivation: DerivationId): 'repaired' | 'wrong' | 'untouched' {
    const now = this.#counterparts.get(derivation);
    if (now === undefined) return this.#isInRepairedClosure(derivation) ? 'untouched' : 'repaired';
    return now.some((id) => this.#faultyAfter.has(id)) ? 'wrong' : 'repaired';
  }

  #isInRepairedClosure(id: DerivationId): boolean {
    return this.#after.graph.findByDrvPath(this.#before.graph.derivation(id).drvPath) !== undefined;
  }

  /** Is a derivation of the repaired closure the same package as one of the closure before? */
  #isOf(old: DerivationId, now: DerivationId): boolean {
    return nativeName(this.#before.graph.derivation(old).name) === nativeName(this.#nameNow(now));
  }

  #harmToRoot(): Harm | undefined {
    const root = this.#changes.movedRoot;
    if (!root) return undefined;
    const isMeant = this.#faultyBefore.has(root.before) && !this.#faultyAfter.has(root.after);
    if (isMeant || this.#isMovedOnPurpose(root.before)) return undefined;
    const [was, is] = [platformsOf(root.before, this.#before), platformsOf(root.after, this.#after)];
    return { name: this.#nameBefore(root.before), reason: `the root would be built ${is}, not ${was}` };
  }

  #harmByMove(consumer: Counterpart, input: Counterpart): Harm | undefined {
    const name = this.#nameBefore(input.before);
    const user = this.#nameBefore(consumer.before);
    if (this.#before.graph.derivation(input.before).host.kind === 'neutral') return undefined;
    const isWrong = this.#wrongBefore.has(keyOf(consumer.before, input.before));
    const isFaulty = this.#faultyBefore.has(input.before) && !this.#faultyAfter.has(input.after);
    if (!isWrong && !isFaulty && !this.#isMovedOnPurpose(input.before)) {
      const is = platformsOf(input.after, this.#after);
      return { name, reason: `${name}, which is right in ${user}, would be built ${is}` };
    }
    const why = whyNoTwin(this.#packageBefore(input.before), this.#packageAfter(input.after));
    return why === undefined ? undefined : { name, reason: `${name} in ${user} ${why}` };
  }

  #harmByLoss(consumer: Counterpart, input: DerivationId): Harm | undefined {
    const name = this.#nameBefore(input);
    const user = this.#nameBefore(consumer.before);
    if (!this.#wrongBefore.has(keyOf(consumer.before, input)))
      return { name, reason: `${user} would do without ${name}, which is right` };
    const twin = this.#after.graph.inputIds(consumer.after).find((id) => this.#isOf(input, id));
    if (twin === undefined) return { name, reason: `${user} would do without ${name}` };
    const why = whyNoTwin(this.#packageBefore(input), this.#packageAfter(twin));
    return why === undefined ? undefined : { name, reason: `${name} in ${user} ${why}` };
  }

  /** A new input has to be the twin of one that was wrong, unless the repair is to add one. */
  #harmByGain(consumer: Counterpart, input: DerivationId): Harm | undefined {
    const isTwin = this.#before.graph
      .inputIds(consumer.before)
      .some((old) => this.#wrongBefore.has(keyOf(consumer.before, old)) && this.#isOf(old, input));
    const isAdded = this.#tried.some(
      ({ addsInputs, leaks }) =>
        addsInputs && leaks.some(({ edges }) => edges.some((edge) => edge.consumer === consumer.before)),
    );
    if (isTwin || isAdded) return undefined;
    const name = this.#nameNow(input);
    return { name, reason: `${this.#nameBefore(consumer.before)} would need ${name} as well` };
  }

  /** What is wrong in the repaired closure has to be what was wrong before. */
  #harmByNewMistake(): Harm | undefined {
    const consumersBefore = new Map<DerivationId, DerivationId[]>();
    for (const [old, now] of this.#counterparts)
      for (const id of now) consumersBefore.set(id, [...(consumersBefore.get(id) ?? []), old]);
    for (const { consumer, input, explanation } of this.#wrongAfter.values()) {
      const same = this.#before.graph.findByDrvPath(this.#after.graph.derivation(consumer).drvPath);
      const old = same === undefined ? (consumersBefore.get(consumer) ?? []) : [same];
      const wasWrong = old.some((id) =>
        this.#before.graph
          .inputIds(id)
          .some((other) => this.#wrongBefore.has(keyOf(id, other)) && this.#isOf(other, input)),
      );
      // An unchanged consumer may be told now of what was excused, and cannot have become worse.
      if (wasWrong || same !== undefined) continue;
      return { name: this.#nameNow(input), reason: explanation };
    }
    for (const [id, { explanation }] of this.#faultyAfter) {
      const { drvPath, name } = this.#after.graph.derivation(id);
      const was = this.#before.graph.findByDrvPath(drvPath) ?? consumersBefore.get(id)?.[0];
      if (was === undefined || !this.#faultyBefore.has(was)) return { name, reason: explanation };
    }
    return undefined;
  }

  #harmToTexts(pair: Counterpart, renamed: ReadonlyMap<string, string>): Harm | undefined {
    const [was, is] = [this.#before.scriptOf(pair.before), this.#after.scriptOf(pair.after)];
    if (!was || !is) return undefined;
    const changes = findTextChanges(was, is, renamed);
    if (changes.lines.length === 0 && changes.reshaped.length === 0) return undefined;
    const name = this.#nameBefore(pair.before);
    const wrong = [...this.#before.graph.inputIds(pair.before)].flatMap((input): WrongInput[] => {
      const edge = this.#wrongBefore.get(keyOf(pair.before, input));
      return edge || this.#faultyBefore.has(input) ? [this.#wrongInput(pair, input, edge)] : [];
    });
    const adds = this.#tried.some(({ addsInputs }) => addsInputs);
    const unexplained = unexplainedChange(changes, wrong, adds);
    if (unexplained !== undefined) return { name, reason: `${name} would change, too: ${unexplained}` };
    const text = changes.lines.map(({ after }) => after).join('\n');
    for (const input of this.#after.graph.inputIds(pair.after)) {
      const program = findRenamedProgram(text, { graph: this.#after.graph, id: input });
      if (program)
        return {
          name: this.#nameNow(input),
          reason: `${program.written} is called ${program.called} in ${this.#nameNow(input)}`,
        };
    }
    return undefined;
  }

  /** An input that was wrong, and its twins, by the paths of their outputs. */
  #wrongInput(pair: Counterpart, input: DerivationId, edge: CrossingEdge | undefined): WrongInput {
    const { graph } = this.#before;
    const outputsOf = (of: DerivationGraph, id: DerivationId): OutputPath[] =>
      of
        .derivation(id)
        .outputs.flatMap(({ name, path }) => (path === undefined ? [] : [{ output: name, path }]));
    const twins = this.#after.graph.inputIds(pair.after).filter((id) => this.#isOf(input, id));
    const consumer = graph.derivation(pair.before);
    const runsOn = hostOrBuild(graph.derivation(input));
    return {
      ...(edge && { edge }),
      outputs: outputsOf(graph, input),
      twins: [...twins].flatMap((id) => outputsOf(this.#after.graph, id)),
      isWrongAnywhere:
        edge === undefined ||
        edge.rule === 'expected-platform' ||
        (runsOn !== consumer.system && runsOn !== hostOrBuild(consumer)),
    };
  }

  /** The hash parts of outputs that were made anew for the same platform, and what they became. */
  #renamedHashes(): ReadonlyMap<string, string> {
    return (this.#renamed ??= new Map(
      this.#changes.rebuilt.flatMap(({ before, after }) => {
        const [was, is] = [this.#before.graph.derivation(before), this.#after.graph.derivation(after)];
        return was.outputs.flatMap(({ name, path }): [string, string][] => {
          const other = is.outputs.find((output) => output.name === name);
          if (!other) return [];
          return [[hashOf(was.drvPath, name, path), hashOf(is.drvPath, name, other.path)]];
        });
      }),
    ));
  }
  #renamed: ReadonlyMap<string, string> | undefined;

  #isMovedOnPurpose(id: DerivationId): boolean {
    return this.#movedConsumers.has(id);
  }

  #nameBefore(id: DerivationId): string {
    return this.#before.graph.derivation(id).name;
  }

  #nameNow(id: DerivationId): string {
    return this.#after.graph.derivation(id).name;
  }

  #packageBefore(id: DerivationId) {
    return { graph: this.#before.graph, id, variables: this.#before.scriptOf(id)?.variables };
  }

  #packageAfter(id: DerivationId) {
    return { graph: this.#after.graph, id, variables: this.#after.scriptOf(id)?.variables };
  }
}

function edgesOf(edges: readonly CrossingEdge[]): Edges {
  return new Map(edges.map((edge) => [keyOf(edge.consumer, edge.input), edge]));
}

function keyOf(consumer: DerivationId, input: DerivationId): string {
  return `${consumer} ${input}`;
}

/** That nobody here can build a derivation says nothing of whether it is the right one. */
function isWrongByItself({ rule, severity }: DerivationFault): boolean {
  return rule !== 'no-builder' && severity !== 'info';
}

function hashOf(drvPath: string, output: string, path: string | undefined): string {
  return path === undefined ? outputPlaceholder(drvPath, output) : hashPartOf(path);
}

/** E.g. "on x86_64-linux for aarch64-linux". */
function platformsOf(id: DerivationId, { graph }: JudgedClosure): string {
  const derivation = graph.derivation(id);
  const host = hostOrBuild(derivation);
  return host === derivation.system ? `on ${host}` : `on ${derivation.system} for ${host}`;
}
