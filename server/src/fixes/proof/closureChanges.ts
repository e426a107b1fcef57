import { hostOrBuild } from '../../check/hostSystems.ts';
import { outputPlaceholder } from '../../derivation/closureBuilder.ts';
import { nativeName } from '../../derivation/triples.ts';
import type { Derivation, DerivationId } from '../../model/derivation.ts';
import type { DerivationGraph } from '../../model/derivationGraph.ts';
import type { Steps } from '../../model/slices.ts';
import { hashPartOf } from '../../model/storePath.ts';
import type { JudgedClosure } from '../../running/repairedRun.ts';

/** A derivation of a closure, and what stands in its place in the repaired one. */
export interface Counterpart {
  readonly before: DerivationId;
  readonly after: DerivationId;
}

/** An input that a rebuilt derivation has for another platform than before. */
export interface MovedInput {
  readonly consumer: Counterpart;
  readonly input: Counterpart;
}

/** An input that a rebuilt derivation has in one of the two closures only. */
export interface OneSidedInput {
  readonly consumer: Counterpart;
  readonly input: DerivationId;
}

/** How a repaired closure differs from the one before, from its root down to where the two are the same again. */
export interface ClosureChanges {
  /** What is made anew for the same platform, since it or something below it differs: a consumer comes before its inputs. */
  readonly rebuilt: readonly Counterpart[];
  /** The same package for another platform. What is below it is another platform's, and not compared. */
  readonly moved: readonly MovedInput[];
  /** What is an input no longer, by its id in the closure before. */
  readonly gone: readonly OneSidedInput[];
  /** What is an input only now, by its id in the repaired closure. */
  readonly come: readonly OneSidedInput[];
  /** Set where the root itself is for another platform now. */
  readonly movedRoot?: Counterpart;
}

/** A closure, and what is read of its derivations. */
export type ReadClosure = Pick<JudgedClosure, 'graph' | 'scriptOf'>;

/** Compares two closures of one target. Yields now and then. */
export function* findChanges(closureBefore: ReadClosure, closureAfter: ReadClosure): Steps<ClosureChanges> {
  const [before, after] = [closureBefore.graph, closureAfter.graph];
  const root: Counterpart = { before: before.root, after: after.root };
  const rebuilt: Counterpart[] = [];
  const moved: MovedInput[] = [];
  const gone: OneSidedInput[] = [];
  const come: OneSidedInput[] = [];
  const isSame = before.derivation(before.root).drvPath === after.derivation(after.root).drvPath;
  const isRootMoved = !isOnOnePlatform(before.derivation(before.root), after.derivation(after.root));
  const seen = new Set<string>();
  const open = isSame || isRootMoved ? [] : [root];
  // The list grows while it is walked: breadth first, so that consumers come before their inputs.
  for (const consumer of open) {
    const key = `${consumer.before} ${consumer.after}`;
    if (seen.has(key)) continue;
    seen.add(key);
    rebuilt.push(consumer);
    const inputs = matchInputs(closureBefore, closureAfter, consumer);
    for (const input of inputs.pairs) {
      const [was, is] = [before.derivation(input.before), after.derivation(input.after)];
      const isRetargeted =
        was.target?.system !== is.target?.system && isBuildCompiler(before, consumer, input);
      if (isOnOnePlatform(was, is) && !isRetargeted) open.push(input);
      else moved.push({ consumer, input });
    }
    for (const input of inputs.gone) gone.push({ consumer, input });
    for (const input of inputs.come) come.push({ consumer, input });
    yield;
  }
  return { rebuilt, moved, gone, come, ...(isRootMoved && { movedRoot: root }) };
}

interface MatchedInputs {
  readonly pairs: readonly Counterpart[];
  readonly gone: readonly DerivationId[];
  readonly come: readonly DerivationId[];
}

/**
 * The inputs in which two counterparts differ, matched by the name of the
 * package; among those of one name first by platform, then by the order in
 * which the consumer's texts mention them.
 */
function matchInputs(
  closureBefore: ReadClosure,
  closureAfter: ReadClosure,
  consumer: Counterpart,
): MatchedInputs {
  const [before, after] = [closureBefore.graph, closureAfter.graph];
  const old = differing(before, consumer.before, after, consumer.after);
  const now = differing(after, consumer.after, before, consumer.before);
  const pairs: Counterpart[] = [];
  const gone: DerivationId[] = [];
  const come: DerivationId[] = [];
  for (const name of new Set([...old.keys(), ...now.keys()])) {
    const left = inOrderOfMention(old.get(name) ?? [], closureBefore, consumer.before);
    const right = inOrderOfMention(now.get(name) ?? [], closureAfter, consumer.after);
    const rest: DerivationId[] = [];
    for (const one of left) {
      const found = right.findIndex((other) =>
        isOnOnePlatform(before.derivation(one), after.derivation(other)),
      );
      const [other] = found < 0 ? [] : right.splice(found, 1);
      if (other === undefined) rest.push(one);
      else pairs.push({ before: one, after: other });
    }
    for (const one of rest) {
      const other = right.shift();
      if (other === undefined) gone.push(one);
      else pairs.push({ before: one, after: other });
    }
    come.push(...right);
  }
  return { pairs, gone, come };
}

/** Inputs of a derivation that have one name, in the order in which what its builder is given mentions them. */
function inOrderOfMention(
  inputs: readonly DerivationId[],
  { graph, scriptOf }: ReadClosure,
  consumer: DerivationId,
): DerivationId[] {
  const script = inputs.length > 1 ? scriptOf(consumer) : undefined;
  if (!script) return [...inputs];
  // A variable has its place by its name, whatever it holds.
  const variables = [...script.variables].sort(([one], [other]) => (one < other ? -1 : 1));
  const text = [script.builder, ...script.arguments, ...variables.map(([, value]) => value)].join('\n');
  const placeOf = (input: DerivationId): number => {
    const { drvPath, outputs } = graph.derivation(input);
    const places = outputs.map(({ name, path }) => text.indexOf(hashOfOutput(drvPath, name, path)));
    return Math.min(...places.map((place) => (place < 0 ? Infinity : place)));
  };
  const placed = inputs.map((input) => ({ input, place: placeOf(input) }));
  placed.sort((one, other) => (one.place === other.place ? 0 : one.place - other.place));
  return placed.map(({ input }) => input);
}

/** By which texts name an output: its path's hash part, or its placeholder. */
export function hashOfOutput(drvPath: string, output: string, path: string | undefined): string {
  return path === undefined ? outputPlaceholder(drvPath, output) : hashPartOf(path);
}

/** The inputs of a derivation that are not those of its counterpart, by the names of their packages. */
function differing(
  graph: DerivationGraph,
  id: DerivationId,
  other: DerivationGraph,
  counterpart: DerivationId,
): Map<string, DerivationId[]> {
  const theirs = new Set(other.inputIds(counterpart));
  const byName = new Map<string, DerivationId[]>();
  for (const input of graph.inputIds(id)) {
    const { name, drvPath } = graph.derivation(input);
    if (theirs.has(other.findByDrvPath(drvPath) ?? -1)) continue;
    const key = nativeName(name);
    const list = byName.get(key);
    if (list) list.push(input);
    else byName.set(key, [input]);
  }
  return byName;
}

/** Does an input make programs that run while its consumer is built? For what it makes code is its platform then. */
function isBuildCompiler(before: DerivationGraph, consumer: Counterpart, input: Counterpart): boolean {
  return before
    .inputs(consumer.before)
    .some((edge) => edge.input === input.before && edge.roles.includes('depsBuildBuild'));
}

/** Are two derivations built on one platform, and for one? */
function isOnOnePlatform(one: Derivation, other: Derivation): boolean {
  return (
    one.system === other.system &&
    one.host.kind === other.host.kind &&
    hostOrBuild(one) === hostOrBuild(other)
  );
}
