import { platformsOfLeak } from '../check/leaks.ts';
import type { DerivationGraph } from '../model/derivationGraph.ts';
import type { DerivationId } from '../model/derivation.ts';
import type { Leak } from '../model/judgement.ts';
import { placeKey } from '../model/location.ts';
import type { Observation } from '../model/observation.ts';
import type { Origin } from '../model/report.ts';
import type { Steps } from '../model/slices.ts';
import { unwrap, type Expression } from '../syntax/ast.ts';
import { describeSpan, type TracedCause } from './describeCause.ts';
import type { EvidenceIndex } from './evidence.ts';
import { findSource } from './findSource.ts';
import type { TracedLeak } from './gatherCauses.ts';
import { isImplicit, isOfMachine, namesSystem } from './namedSystems.ts';

/** So many consumers of a leak are followed. */
const mostConsumers = 6;

/**
 * Where the consumers of a leak come in, and what chose their platform, if it
 * is they that are wrong: somebody named the system of the input, and nobody
 * theirs. They take that of the machine that evaluates, so that elsewhere
 * nothing is wrong. A tool or a library, and what a shell or a script names, is
 * for where its consumer is all the same.
 *
 * @param cause that of the input's system
 */
export function* findFollowers(
  leak: Leak,
  cause: TracedCause,
  graph: DerivationGraph,
  observedAs: ReadonlyMap<DerivationId, readonly Observation[]>,
  index: EvidenceIndex,
): Steps<Pick<TracedLeak, 'origins' | 'found'> | undefined> {
  const { evaluatedAs, meantFor } = index.evidence;
  const { needs, runsOn } = platformsOfLeak(leak);
  const consumers = [...new Set(leak.edges.map(({ consumer }) => consumer))].slice(0, mostConsumers);
  const { source: named } = cause;
  const place = named && index.placeOf(named);
  if (!namesSystem(cause.kind) || !place || isOfMachine(place) || meantFor === evaluatedAs) return undefined;
  if (needs.some((system) => system !== evaluatedAs) || runsOn.includes(evaluatedAs)) return undefined;
  const isOnlyNamed = leak.edges.every(({ roles }) => roles.every((role) => role === 'reference'));
  if (consumers.length === 0 || !isOnlyNamed) return undefined;
  const origins = new Map<string, Origin>();
  let found: TracedCause | undefined;
  for (const consumer of consumers) {
    if (!observedAs.has(consumer)) return undefined;
    const source = yield* findSource(
      { input: consumer, path: [consumer], expected: runsOn, wrong: [graph.system(consumer)] },
      graph,
      observedAs,
      index,
    );
    const chosen = source.cause?.source && index.placeOf(source.cause.source);
    const [origin] = source.origins;
    const made = origin && index.placeOf(origin.source);
    if (!source.cause || !chosen || !made || !isImplicit(source.cause.kind, chosen)) return undefined;
    if (isForUser(made.expression)) return undefined;
    found ??= source.cause;
    // Of several causes none is that of the leak.
    if (found.source && source.cause.source && placeKey(found.source) !== placeKey(source.cause.source))
      return undefined;
    for (const one of source.origins) origins.set(placeKey(one.source), one);
  }
  if (!found) return undefined;
  const words = `\`${describeSpan(place.source, place.expression)}\``;
  const step = { source: named, text: cause.text ?? '', message: `${words} names the input's system` };
  return {
    origins: [...origins.values()],
    found: {
      ...found,
      isOfConsumers: true,
      message: `${found.message} The input is for ${runsOn.join(' or ')} on every machine, because ${words} says so.`,
      steps: [step, ...found.steps],
    },
  };
}

/** A shell is for the machine of whoever enters it, and a script for that of whoever starts it. */
function isForUser(expression: Expression): boolean {
  let called = unwrap(expression);
  while (called.kind === 'apply') called = unwrap(called.fn);
  const last = called.kind === 'select' ? called.path.at(-1) : undefined;
  const name = called.kind === 'variable' ? called.name : last?.kind === 'static' ? last.name : '';
  return /shell(?:NoCC)?$/i.test(name) || /^write\w*(?:Script|Application)/.test(name);
}
