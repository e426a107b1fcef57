import { platformsOfLeak } from '../check/leaks.ts';
import type { Report } from '../model/report.ts';
import type { Steps } from '../model/slices.ts';
import type { ConsumerEnds } from './consumerEnd.ts';
import { intendedEnd, isInputMeant, isOfMachine, isOnlyMention, namesSystem } from './purpose.ts';
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
  const others = consumers.flatMap(({ cause: other, place, names }): Candidate[] => {
    const moved: RepairContext = { ...context, cause: other, causePlace: place, expected: has };
    const what = names.length > 1 ? `${names.length} derivations` : names.join('');
    return [passSystem, replaceSystem].flatMap((repair) =>
      repair(moved).map((candidate) => ({
        ...candidate,
        title: `${candidate.title}: ${what} for ${has}`,
        movesConsumers: true,
        ...(isAmbiguous && { isDoubtful: true }),
      })),
    );
  });
  // What is there was asked for: it is only the other end that can be repaired.
  if (intended === 'input' && others.length > 0) return others;
  // A repair that takes away the only mention of a system never comes first.
  return isAmbiguous && !isOnlyMention(report, expected) ? [...others, ...own] : [...own, ...others];
}
