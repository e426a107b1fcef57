import { withLevels } from '../../check/policy.ts';
import { hostOrBuild } from '../../check/hostSystems.ts';
import { nativeName } from '../../derivation/triples.ts';
import type { DerivationId } from '../../model/derivation.ts';
import type { DerivationGraph } from '../../model/derivationGraph.ts';
import { groupBy } from '../../model/groupBy.ts';
import type { CrossingEdge, DerivationFault, RuleLevels } from '../../model/judgement.ts';
import type { JudgedClosure } from '../../running/repairedRun.ts';
import { hashOfOutput, type ClosureChanges } from './closureChanges.ts';
import type { PackageAt } from './twins.ts';

/** Edges by their {@link edgeKey}: what is wrong by its role may be wrong in a script as well. */
type Edges = ReadonlyMap<string, readonly CrossingEdge[]>;

/** Two closures of one target with all that is asked of the two together. */
export class ClosureComparison {
  readonly before: JudgedClosure;
  readonly after: JudgedClosure;
  readonly changes: ClosureChanges;
  /** All crossing edges, notes among them. */
  readonly wrongBefore: Edges;
  /** Those that are more than a note, under the levels that people set. */
  readonly wrongAfter: Edges;
  readonly faultyBefore: ReadonlySet<DerivationId>;
  readonly faultyAfter: ReadonlyMap<DerivationId, DerivationFault>;
  readonly #counterparts: ReadonlyMap<DerivationId, readonly DerivationId[]>;
  readonly #former: ReadonlyMap<DerivationId, readonly DerivationId[]>;
  #renamed: ReadonlyMap<string, string> | undefined;

  constructor(before: JudgedClosure, after: JudgedClosure, changes: ClosureChanges, levels: RuleLevels) {
    this.before = before;
    this.after = after;
    this.changes = changes;
    const told = after.judgement.leaks.flatMap((leak) => withLevels(leak, levels) ?? []);
    this.wrongBefore = byKey(before.judgement.leaks.flatMap(({ edges }) => edges));
    this.wrongAfter = byKey(told.flatMap(({ edges }) => edges.filter(({ severity }) => severity !== 'info')));
    const faults = told.flatMap((leak) => leak.faults.filter(isWrongByItself));
    this.faultyAfter = new Map(faults.map((fault) => [fault.derivation, fault]));
    this.faultyBefore = new Set(
      before.judgement.leaks.flatMap((leak) =>
        leak.faults.filter(isOfPlatform).map(({ derivation }) => derivation),
      ),
    );
    const pairs = [
      ...changes.rebuilt,
      ...changes.moved.map(({ input }) => input),
      ...(changes.movedRoot ? [changes.movedRoot] : []),
    ];
    this.#counterparts = gather(pairs.map(({ before: old, after: now }) => [old, now]));
    this.#former = gather(pairs.map(({ before: old, after: now }) => [now, old]));
  }

  /** What stands in the place of a derivation that was made anew, or moved; undefined where it was neither. */
  counterpartsOf(old: DerivationId): readonly DerivationId[] | undefined {
    return this.#counterparts.get(old);
  }

  /** The derivation of the closure before that is the same as one now, or in whose place that one stands. */
  formerOf(now: DerivationId): readonly DerivationId[] {
    const same = this.before.graph.findByDrvPath(this.after.graph.derivation(now).drvPath);
    return same === undefined ? (this.#former.get(now) ?? []) : [same];
  }

  isStillThere(old: DerivationId): boolean {
    return this.after.graph.findByDrvPath(this.before.graph.derivation(old).drvPath) !== undefined;
  }

  isUnchanged(now: DerivationId): boolean {
    return this.before.graph.findByDrvPath(this.after.graph.derivation(now).drvPath) !== undefined;
  }

  /** Do two derivations have one name, but for their platforms? */
  isOfOneName(old: DerivationId, now: DerivationId): boolean {
    return nativeName(this.nameBefore(old)) === nativeName(this.nameNow(now));
  }

  nameBefore(id: DerivationId): string {
    return this.before.graph.derivation(id).name;
  }

  nameNow(id: DerivationId): string {
    return this.after.graph.derivation(id).name;
  }

  packageBefore(id: DerivationId): PackageAt {
    return packageAt(this.before, id);
  }

  packageNow(id: DerivationId): PackageAt {
    return packageAt(this.after, id);
  }

  /** The hash parts of outputs that were made anew for the same platform, with what they became. */
  get renamedHashes(): ReadonlyMap<string, string> {
    return (this.#renamed ??= new Map(
      this.changes.rebuilt.flatMap(({ before, after }) => {
        const [was, is] = [this.before.graph.derivation(before), this.after.graph.derivation(after)];
        return was.outputs.flatMap(({ name, path }): [string, string][] => {
          const other = is.outputs.find((output) => output.name === name);
          return other
            ? [[hashOfOutput(was.drvPath, name, path), hashOfOutput(is.drvPath, name, other.path)]]
            : [];
        });
      }),
    ));
  }
}

export function edgeKey(consumer: DerivationId, input: DerivationId): string {
  return `${consumer} ${input}`;
}

/** Does an input run neither where its consumer is built nor where that one's outputs run? Then no use of it is right. */
export function runsNowhere(consumer: DerivationId, input: DerivationId, graph: DerivationGraph): boolean {
  const user = graph.derivation(consumer);
  const runsOn = hostOrBuild(graph.derivation(input));
  return runsOn !== user.system && runsOn !== hostOrBuild(user);
}

export function isWrongByItself(fault: DerivationFault): boolean {
  return isOfPlatform(fault) && fault.severity !== 'info';
}

/** That nobody here can build a derivation says nothing of whether it is the right one. */
function isOfPlatform({ rule }: DerivationFault): boolean {
  return rule !== 'no-builder';
}

function packageAt(closure: JudgedClosure, id: DerivationId): PackageAt {
  const { graph } = closure;
  const { variables } = closure.scriptOf(id) ?? {};
  return { graph, id, variables, beside: (other) => packageAt(closure, other) };
}

function byKey(edges: readonly CrossingEdge[]): Edges {
  return groupBy(edges, ({ consumer, input }) => edgeKey(consumer, input));
}

function gather(
  pairs: readonly (readonly [DerivationId, DerivationId])[],
): Map<DerivationId, DerivationId[]> {
  const gathered = new Map<DerivationId, DerivationId[]>();
  for (const [key, value] of pairs) {
    const known = gathered.get(key);
    if (known) known.push(value);
    else gathered.set(key, [value]);
  }
  return gathered;
}
