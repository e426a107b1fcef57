import type { DerivationGraph } from '../model/derivationGraph.ts';
import type { DerivationId } from '../model/derivation.ts';
import { topologicalOrder } from './topologicalOrder.ts';

/** An edge of a graph by its two ends. */
export interface EdgeEnds {
  readonly consumer: DerivationId;
  readonly input: DerivationId;
}

/** Groups by their number, in ascending order. */
type GroupSet = readonly number[];

/**
 * For each group of edges, how many of the counted derivations can no longer be
 * reached from the root when the edges of that group are removed.
 *
 * One walk for all groups, in which each derivation gets the groups without
 * which it is not reached: those that every way to it has an edge of. These are
 * few for almost every derivation.
 *
 * @param counts which derivations are counted, e.g. foreign ones only
 */
export function countBroughtIn(
  graph: DerivationGraph,
  groups: readonly Iterable<EdgeEnds>[],
  counts: (id: DerivationId) => boolean,
): number[] {
  const counted = groups.map(() => 0);
  const groupsOfEdge = indexEdges(groups);
  if (groupsOfEdge.size === 0) return counted;
  const needed = new Map<DerivationId, GroupSet>([[graph.root, none]]);
  for (const id of topologicalOrder(graph)) {
    const ofConsumer = needed.get(id) ?? none;
    if (counts(id)) for (const group of ofConsumer) counted[group] = (counted[group] ?? 0) + 1;
    const removed = groupsOfEdge.get(id);
    for (const input of graph.inputIds(id)) {
      const ofEdge = removed?.get(input);
      const onThisWay = ofEdge ? union(ofConsumer, ofEdge) : ofConsumer;
      const onOthers = needed.get(input);
      needed.set(input, onOthers ? intersection(onOthers, onThisWay) : onThisWay);
    }
    needed.delete(id);
  }
  return counted;
}

const none: GroupSet = [];

/** The groups of each edge, by its consumer and its input. */
function indexEdges(groups: readonly Iterable<EdgeEnds>[]): Map<DerivationId, Map<DerivationId, GroupSet>> {
  const index = new Map<DerivationId, Map<DerivationId, GroupSet>>();
  for (const [group, edges] of groups.entries()) {
    for (const { consumer, input } of edges) {
      const inputs = index.get(consumer) ?? new Map<DerivationId, GroupSet>();
      index.set(consumer, inputs);
      inputs.set(input, union(inputs.get(input) ?? none, [group]));
    }
  }
  return index;
}

function union(one: GroupSet, other: GroupSet): GroupSet {
  if (one.length === 0) return other;
  return [...new Set([...one, ...other])].sort((a, b) => a - b);
}

function intersection(one: GroupSet, other: GroupSet): GroupSet {
  if (one === other || one.length === 0) return one;
  if (other.length === 0) return other;
  const isInOther = new Set(other);
  return one.filter((group) => isInOther.has(group));
}
