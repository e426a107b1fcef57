import { intendedSystem } from '../check/intended/intendedSystem.ts';
import type { Report } from '../model/report.ts';
import { runsOn, type System } from '../model/system.ts';
import { isImplicit, isOfMachine } from '../attribution/namedSystems.ts';
import type { PlacedExpression } from '../attribution/placedExpression.ts';
import type { ConsumerCause } from './consumerEnd.ts';
import type { Candidate } from './repair.ts';

/** Of a leak, whose platform is the one that is meant; undefined where nothing tells. */
export type MeantEnd = 'consumers' | 'input' | undefined;

/**
 * Which end of a leak has the platform that was asked for, by a person or by the
 * name of the output.
 *
 * @param needs the system that the consumers need
 * @param has the system that the input has
 */
export function intendedEnd(report: Report, needs: System, has: System): MeantEnd {
  const intended = intendedSystem(report);
  if (intended === undefined) return undefined;
  if (runsOn(needs, intended) !== 'no') return 'consumers';
  return runsOn(has, intended) === 'no' ? undefined : 'input';
}

/**
 * Is the system of an input meant, where it is named in the source? That of a
 * machine is, and so is that of what is used by consumers which merely follow
 * the evaluating machine.
 */
export function isInputMeant(
  place: PlacedExpression | undefined,
  consumers: readonly ConsumerCause[],
): boolean {
  if (isOfMachine(place)) return true;
  return consumers.length > 0 && consumers.every(({ cause, place: of }) => isImplicit(cause.kind, of));
}

/** Is a system written in the source at no more than one place? */
export function isOnlyMention(report: Report, system: System): boolean {
  const known = mentions.get(report) ?? new Map<System, boolean>();
  mentions.set(report, known);
  const is = known.get(system) ?? countUpTo(2, report, system) < 2;
  known.set(system, is);
  return is;
}

/** All causes of a report ask for the same few systems. */
const mentions = new WeakMap<Report, Map<System, boolean>>();

function countUpTo(most: number, { sources }: Report, text: string): number {
  let count = 0;
  for (const source of sources.values())
    for (let at = source.indexOf(text); at >= 0; at = source.indexOf(text, at + 1))
      if (++count === most) return count;
  return count;
}

/**
 * The candidates for both ends of a leak in the order in which they are tried:
 * what may change what was meant last, and before it what writes a system down.
 */
export function inOrder(candidates: readonly Candidate[]): Candidate[] {
  const rank = ({ isDoubtful, isWrittenDown }: Candidate): number =>
    (isDoubtful ? 2 : 0) + (isWrittenDown ? 1 : 0);
  return [...candidates].sort((one, other) => rank(one) - rank(other));
}
