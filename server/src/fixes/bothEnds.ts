import { platformsOfLeak } from '../check/leaks.ts';
import type { AttributedLeak, Report } from '../model/report.ts';
import type { Steps } from '../model/slices.ts';
import type { System } from '../model/system.ts';
import type { ConsumerEnds } from './consumerEnd.ts';
import { isOfMachine, namesSystem } from '../attribution/namedSystems.ts';
import { intendedEnd, isInputMeant, isOnlyMention } from './purpose.ts';
import type { Candidate, RepairContext } from './repair.ts';
import { passSystem } from './repairs/passSystem.ts';
import { replaceSystem } from './repairs/replaceSystem.ts';

/**
 * The candidates for a leak, with those for its other end where its input's
 * system is named in the source: somebody may have meant that one, and then it
 * is the consumers that are for the wrong platform.
 *
 * @param ofInput the candidates that change the input
 */
export function* atBothEnds(
  ofInput: readonly Candidate[],
  context: RepairContext,
  report: Report,
  ends: ConsumerEnds,
): Steps<readonly Candidate[]> {
  const { leaks, cause, causePlace, expected } = context;
  const [leak] = leaks;
  const [has] = leak ? platformsOfLeak(leak).runsOn : [];
  if (leak && has !== undefined && cause.isOfConsumers)
    return movingConsumers(context, has, namesOfConsumers(leaks, report));
  // Where the root itself is not what was asked for, it has one end only.
  if (!namesSystem(cause.kind) || has === undefined || leaks.every(({ edges }) => edges.length === 0))
    return ofInput;
  const intended = intendedEnd(report, expected, has);
  const consumers = intended === 'consumers' ? [] : yield* ends.of(leaks, cause.source);
  const meant = intended ?? (isInputMeant(causePlace, consumers) ? 'input' : undefined);
  const isAmbiguous = meant === undefined && isOnlyMention(report, has);
  const isDoubtful = meant === 'input' || isAmbiguous || isOfMachine(causePlace);
  const own = isDoubtful
    ? ofInput.map((candidate) => ({
        ...candidate,
        title: `${candidate.title}, unless ${has} is meant`,
        isDoubtful,
      }))
    : ofInput;
  if (meant !== 'input' && !isAmbiguous) return own;
  const others = consumers.flatMap((of) =>
    movingConsumers({ ...context, cause: of.cause, causePlace: of.place }, has, of.names).map(
      (candidate) => ({
        ...candidate,
        ...(isAmbiguous && { isDoubtful: true as const }),
      }),
    ),
  );
  // What is there was asked for: it is only the other end that can be repaired.
  if (intended === 'input' && others.length > 0) return others;
  // A repair that takes away the only mention of a system never comes first.
  return isAmbiguous && !isOnlyMention(report, expected) ? [...others, ...own] : [...own, ...others];
}

/** Candidates that make consumers for another platform, by the cause of theirs. */
function movingConsumers(context: RepairContext, system: System, names: readonly string[]): Candidate[] {
  const moved: RepairContext = { ...context, expected: system };
  const what = names.length > 1 ? `${names.length} derivations` : names.join('');
  return [passSystem, replaceSystem].flatMap((repair) =>
    repair(moved).map((candidate) => ({
      ...candidate,
      title: `${candidate.title}: ${what} for ${system}`,
      movesConsumers: true as const,
    })),
  );
}

function namesOfConsumers(leaks: readonly AttributedLeak[], { graph }: Report): string[] {
  const consumers = new Set(leaks.flatMap(({ edges }) => edges.map(({ consumer }) => consumer)));
  return [...consumers].map((id) => graph.derivation(id).name);
}
