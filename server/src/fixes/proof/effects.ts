import type { DerivationId } from '../../model/derivation.ts';
import type { DerivationGraph } from '../../model/derivationGraph.ts';
import type { CrossingEdge } from '../../model/judgement.ts';
import type { AttributedLeak } from '../../model/report.ts';
import { edgeKey, isWrongByItself, type ClosureComparison } from './comparison.ts';
import { findTextChanges } from './textChanges.ts';

/** What became of the leaks that a repair was meant for, by their inputs. */
export interface RepairEffect {
  /** What is wrong nowhere any more that the repair reaches. */
  readonly repaired: readonly DerivationId[];
  /** What still is wrong in a derivation that the repair changed. */
  readonly remaining: readonly DerivationId[];
  /** Present where something that is repaired is still wrong in a derivation that the repair does not reach. */
  readonly uses?: WrongUses;
}

/** How often the leaks of a repair are used wrongly, before and after it: each derivation that has one is a use. */
export interface WrongUses {
  readonly before: number;
  readonly after: number;
}

/** `untouched` where the consumer is what it was. */
type State = 'repaired' | 'wrong' | 'untouched';

/** @param movesConsumers whether the consumers of the leaks are to be of another platform, and not the inputs */
export function effectOn(
  leaks: readonly AttributedLeak[],
  movesConsumers: boolean,
  comparison: ClosureComparison,
): RepairEffect {
  const repaired: DerivationId[] = [];
  const remaining: DerivationId[] = [];
  let [before, after] = [0, 0];
  let isWrongElsewhere = false;
  for (const leak of leaks) {
    const ofEdges = leak.edges.map((edge) => stateOfEdge(edge, movesConsumers, comparison));
    const ofFaults = leak.faults
      .filter(isWrongByItself)
      .map(({ derivation }) => stateOfFault(derivation, comparison));
    const states = [...ofEdges, ...ofFaults];
    // One use may be wrong in several ways.
    const uses = new Map(leak.edges.map(({ consumer }, index) => [consumer, ofEdges[index]]));
    before += uses.size;
    after += [...uses.values()].filter((state) => state !== 'repaired').length;
    if (states.includes('wrong')) remaining.push(leak.input);
    else if (states.includes('repaired')) {
      repaired.push(leak.input);
      isWrongElsewhere ||= states.includes('untouched');
    }
  }
  return { repaired, remaining, ...(isWrongElsewhere && { uses: { before, after } }) };
}

function stateOfEdge(
  { consumer, input }: CrossingEdge,
  movesConsumers: boolean,
  comparison: ClosureComparison,
): State {
  const consumers = comparison.counterpartsOf(consumer);
  if (consumers === undefined) return comparison.isStillThere(consumer) ? 'untouched' : 'repaired';
  const { after, wrongAfter } = comparison;
  const isWrong = consumers.some(
    (now) =>
      after.graph
        .inputIds(now)
        .some((id) => wrongAfter.has(edgeKey(now, id)) && comparison.isOfOneName(input, id)) ||
      (!movesConsumers && isUsedAsBefore(consumer, now, input, comparison)),
  );
  return isWrong ? 'wrong' : 'repaired';
}

/**
 * Is it still the same input, used in the same way? Then it is no better than
 * before, even where less is known of the platforms of the repaired closure.
 */
function isUsedAsBefore(
  consumer: DerivationId,
  now: DerivationId,
  input: DerivationId,
  { before, after, renamedHashes }: ClosureComparison,
): boolean {
  const { drvPath, outputs } = before.graph.derivation(input);
  const same = after.graph.findByDrvPath(drvPath);
  if (same === undefined || !after.graph.inputIds(now).includes(same)) return false;
  if (rolesOf(before.graph, consumer, input) !== rolesOf(after.graph, now, same)) return false;
  const [was, is] = [before.scriptOf(consumer), after.scriptOf(now)];
  if (!was || !is) return true;
  const { lines, reshaped } = findTextChanges(was, is, renamedHashes);
  const isMentioned = (text: string): boolean =>
    outputs.some(({ path }) => path !== undefined && text.includes(path));
  return reshaped.length === 0 && !lines.some(({ before: text }) => isMentioned(text));
}

function rolesOf(graph: DerivationGraph, consumer: DerivationId, input: DerivationId): string | undefined {
  return graph
    .inputs(consumer)
    .find((edge) => edge.input === input)
    ?.roles.join(' ');
}

function stateOfFault(derivation: DerivationId, comparison: ClosureComparison): State {
  const now = comparison.counterpartsOf(derivation);
  if (now === undefined) return comparison.isStillThere(derivation) ? 'untouched' : 'repaired';
  return now.some((id) => comparison.faultyAfter.has(id)) ? 'wrong' : 'repaired';
}
