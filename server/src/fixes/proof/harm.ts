import { hostOrBuild, platformsOf } from '../../check/hostSystems.ts';
import type { DerivationId } from '../../model/derivation.ts';
import type { CrossingEdge } from '../../model/judgement.ts';
import type { Steps } from '../../model/slices.ts';
import type { JudgedClosure } from '../../running/repairedRun.ts';
import type { Counterpart, MovedInput, OneSidedInput } from './closureChanges.ts';
import { edgeKey, runsNowhere, type ClosureComparison } from './comparison.ts';
import type { Harm } from './foundHarm.ts';
import { harmToTexts } from './harmToTexts.ts';
import { whyNoTwin } from './twins.ts';

/** What the repairs that were tried change on purpose, by the ids of the closure before. */
export interface Purpose {
  /** Consumers that are to be for another platform. */
  readonly moves: ReadonlySet<DerivationId>;
  /** Consumers that are to get an input which they did not have. */
  readonly adds: ReadonlySet<DerivationId>;
}

/** The first thing that is worse than before, or other than it should be; undefined where nothing is. */
export function* findHarm(comparison: ClosureComparison, purpose: Purpose): Steps<Harm | undefined> {
  const ofRoot = harmToRoot(comparison, purpose);
  if (ofRoot) return ofRoot;
  const { moved, gone, come, rebuilt } = comparison.changes;
  for (const change of moved) {
    const harm = harmByMove(change, comparison, purpose);
    if (harm) return harm;
    yield;
  }
  for (const change of gone) {
    const harm = harmByLoss(change, comparison);
    if (harm) return harm;
  }
  for (const change of come) {
    const harm = harmByGain(change, comparison, purpose);
    if (harm) return harm;
  }
  yield;
  const added = harmByNewMistake(comparison);
  if (added) return added;
  for (const pair of rebuilt) {
    const harm = harmToTexts(pair, comparison, purpose.adds.has(pair.before));
    if (harm) return harm;
    yield;
  }
  return undefined;
}

function harmToRoot(comparison: ClosureComparison, { moves }: Purpose): Harm | undefined {
  const { before, after, changes, faultyBefore, faultyAfter } = comparison;
  const root = changes.movedRoot;
  if (!root) return undefined;
  // What the root is meant for was another platform all along.
  const isMeant = faultyBefore.has(root.before) && !faultyAfter.has(root.after);
  if (isMeant || moves.has(root.before)) {
    const name = comparison.nameBefore(root.before);
    const why = whyNoTwin(comparison.packageBefore(root.before), comparison.packageNow(root.after));
    return why === undefined ? undefined : { name, reason: `${name} ${why}` };
  }
  const [was, is] = [
    platformsOf(before.graph.derivation(root.before)),
    platformsOf(after.graph.derivation(root.after)),
  ];
  return {
    name: comparison.nameBefore(root.before),
    reason: `the root would be built ${is}, not ${was}`,
  };
}

function harmByMove(
  { consumer, input }: MovedInput,
  comparison: ClosureComparison,
  { moves }: Purpose,
): Harm | undefined {
  const { before, after, wrongBefore, faultyBefore, faultyAfter } = comparison;
  // A fixed output is the same on every system.
  if (before.graph.derivation(input.before).host.kind === 'neutral') return undefined;
  const name = comparison.nameBefore(input.before);
  const user = comparison.nameBefore(consumer.before);
  const wasWrong =
    wrongBefore.has(edgeKey(consumer.before, input.before)) ||
    (faultyBefore.has(input.before) && !faultyAfter.has(input.after));
  if (!wasWrong && !moves.has(input.before)) {
    const is = platformsOf(after.graph.derivation(input.after));
    return { name, reason: `${name}, which is right in ${user}, would be built ${is}` };
  }
  return harmByOther(input, user, comparison);
}

function harmByOther(input: Counterpart, user: string, comparison: ClosureComparison): Harm | undefined {
  const why = whyNoTwin(comparison.packageBefore(input.before), comparison.packageNow(input.after));
  const name = comparison.nameBefore(input.before);
  return why === undefined ? undefined : { name, reason: `${name} in ${user} ${why}` };
}

/** What is an input no longer has to have been wrong, and its twin has to be there. */
function harmByLoss({ consumer, input }: OneSidedInput, comparison: ClosureComparison): Harm | undefined {
  const name = comparison.nameBefore(input);
  const user = comparison.nameBefore(consumer.before);
  const edges = comparison.wrongBefore.get(edgeKey(consumer.before, input));
  if (!edges) return { name, reason: `${user} would do without ${name}, which is right` };
  const isBuildCompiler = edges.some(({ roles }) => roles.includes('depsBuildBuild'));
  if (isBuildCompiler && hasBuildCompiler(consumer.after, comparison.after)) return undefined;
  const twin = comparison.after.graph
    .inputIds(consumer.after)
    .find((id) => comparison.isOfOneName(input, id));
  if (twin === undefined) return { name, reason: `${user} would do without ${name}` };
  return harmByOther({ before: input, after: twin }, user, comparison);
}

/** Has it a compiler that makes what runs where it is built? That one has another name than one for elsewhere. */
function hasBuildCompiler(consumer: DerivationId, { graph }: JudgedClosure): boolean {
  const { system } = graph.derivation(consumer);
  return graph.inputs(consumer).some(({ input, roles }) => {
    const compiler = graph.derivation(input);
    const makesCode = compiler.target?.system === system && hostOrBuild(compiler) === system;
    return roles.includes('depsBuildBuild') && makesCode;
  });
}

/** A new input has to be the twin of one that was wrong, unless the repair is to add one. */
function harmByGain(
  { consumer, input }: OneSidedInput,
  comparison: ClosureComparison,
  { adds }: Purpose,
): Harm | undefined {
  const { before, wrongBefore } = comparison;
  const isTwin = before.graph
    .inputIds(consumer.before)
    .some((old) => wrongBefore.has(edgeKey(consumer.before, old)) && comparison.isOfOneName(old, input));
  if (isTwin || adds.has(consumer.before)) return undefined;
  const name = comparison.nameNow(input);
  return { name, reason: `${comparison.nameBefore(consumer.before)} would need ${name} as well` };
}

/** What is wrong in the repaired closure has to have been wrong before. */
function harmByNewMistake(comparison: ClosureComparison): Harm | undefined {
  const { wrongAfter, faultyBefore, faultyAfter } = comparison;
  for (const edge of [...wrongAfter.values()].flat()) {
    // An unchanged consumer may be told now of what was excused, and cannot have become worse.
    if (comparison.isUnchanged(edge.consumer) || wasWrong(edge, comparison)) continue;
    return { name: comparison.nameNow(edge.input), reason: edge.explanation };
  }
  for (const [id, { explanation }] of faultyAfter) {
    if (!comparison.formerOf(id).some((old) => faultyBefore.has(old)))
      return { name: comparison.nameNow(id), reason: explanation };
  }
  return undefined;
}

/**
 * Was the same package wrong there before, in the same way? Another way is a
 * new mistake, such as a library that became a build tool with the tool of its name.
 */
function wasWrong({ consumer, input, rule }: CrossingEdge, comparison: ClosureComparison): boolean {
  const { before, after, wrongBefore } = comparison;
  const same = before.graph.findByDrvPath(after.graph.derivation(input).drvPath);
  return comparison.formerOf(consumer).some((old) =>
    before.graph.inputIds(old).some((other) => {
      const edges = wrongBefore.get(edgeKey(old, other));
      if (!edges || !comparison.isOfOneName(other, input)) return false;
      return (
        other === same || edges.some((edge) => edge.rule === rule) || runsNowhere(old, other, before.graph)
      );
    }),
  );
}
