import { countBroughtIn } from '../check/bringsIn.ts';
import type { DerivationGraph } from '../model/derivationGraph.ts';
import type { DerivationId } from '../model/derivation.ts';
import { groupBy } from '../model/groupBy.ts';
import type { Leak } from '../model/judgement.ts';
import type { Steps } from '../model/slices.ts';
import { placeKey } from '../model/location.ts';
import type { AttributedLeak, Cause, Origin, Reason, Report } from '../model/report.ts';
import type { TracedCause } from './describeCause.ts';

/** A leak with what was found of its source. */
export interface TracedLeak {
  readonly leak: Leak;
  readonly origins: readonly Origin[];
  /** Undefined where nobody's choice of a system is to blame, or nothing was observed. */
  readonly found?: TracedCause;
}

/**
 * Numbers the causes of leaks, in the order of the leaks: this alone decides
 * which leaks belong together, see {@link Cause}. What each brings in is counted
 * for all of its leaks together, whatever levels the rules are given later.
 *
 * @param isForeign tells which derivations are counted as brought in
 */
export function* gatherCauses(
  traced: readonly TracedLeak[],
  graph: DerivationGraph,
  isForeign: (id: DerivationId) => boolean,
): Steps<Pick<Report, 'leaks' | 'causes'>> {
  const numberOf = new Map<string, number>();
  const groups = [...groupBy(traced, (one) => keyOf(one, graph))];
  for (const [id, [key]] of groups.entries()) numberOf.set(key, id);
  const bringsIn = yield* countBroughtIn(
    graph,
    groups.map(([, ofCause]) => ofCause.flatMap(({ leak }) => leak.edges)),
    isForeign,
  );
  return {
    causes: groups.map(([, ofCause]) => causeOf(ofCause)),
    leaks: traced.map((one): AttributedLeak => {
      const { leak, origins, found } = one;
      const cause = numberOf.get(keyOf(one, graph)) ?? 0;
      return {
        ...leak,
        origins,
        cause,
        ...(found && { reason: reasonOf(found) }),
        // What is wrong with an input by itself brings nothing in, unless what chose its system does.
        bringsIn: leak.edges.length > 0 || isKnown(found) ? (bringsIn[cause] ?? 0) : 0,
      };
    }),
  };
}

function keyOf(traced: TracedLeak, graph: DerivationGraph): string {
  const { source } = placeOf(traced) ?? {};
  const { rule, input, edges } = traced.leak;
  const [first] = edges;
  // Where nothing of the workspace is to blame, each package is mended by itself.
  if (traced.found?.kind === 'package-set' && first)
    return `package ${graph.derivation(first.consumer).name}`;
  return source ? placeKey(source) : `${rule} ${graph.derivation(input).name}`;
}

/** The expression to repair. */
function placeOf({ found, origins: [origin] }: TracedLeak): Cause | undefined {
  return isKnown(found) ? found : origin;
}

function isKnown(found: TracedCause | undefined): found is TracedCause {
  return found !== undefined && found.kind !== 'unknown';
}

function reasonOf({ kind, isOfConsumers, message, steps }: TracedCause): Reason {
  return { kind, ...(isOfConsumers && { isOfConsumers }), message, steps };
}

function causeOf([first]: readonly [TracedLeak, ...TracedLeak[]]): Cause {
  const { source, text } = placeOf(first) ?? {};
  return { ...(source && { source }), ...(text !== undefined && { text }) };
}
