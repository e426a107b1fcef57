import { comparePositions } from '../../model/location.ts';
import { decisiveCause, type AttributedLeak, type Report } from '../../model/report.ts';
import type { SourceEdit } from '../fix.ts';
import type { Candidate } from '../repair.ts';
import type { Attempt } from './attempts.ts';

/**
 * May two repairs be tried together, so that what is seen is seen of each of
 * them? Not where they are for one leak, edit one place, or one names what the
 * other one edits; nor where one may repair what the other one is for: an input
 * of what is wrong itself, or what comes from a place that it edits.
 */
export function areIndependent(one: Attempt, other: Attempt): boolean {
  return (
    !one.candidate.edits.some((edit) => other.candidate.edits.some((second) => overlap(edit, second))) &&
    !dependsOn(one.candidate, other.candidate) &&
    !dependsOn(other.candidate, one.candidate) &&
    !mayRepair(one, other) &&
    !mayRepair(other, one)
  );
}

/** Does a repair name something whose definition another one edits? */
function dependsOn({ reads = [] }: Candidate, { edits }: Candidate): boolean {
  return reads.some((range) => edits.some((edit) => overlap(range, edit)));
}

/** May a repair be what rights a leak that another one is for? */
function mayRepair({ candidate: { edits }, leaks }: Attempt, other: Attempt): boolean {
  for (const [subject, wrong] of other.leaks) {
    const inputs = new Set(leaks.get(subject)?.map(({ input }) => input));
    for (const leak of wrong) {
      if (inputs.has(leak.input) || leak.edges.some(({ consumer }) => inputs.has(consumer))) return true;
      if (edits.some((edit) => sourcesOf(leak, subject.report).some((source) => overlap(source, edit))))
        return true;
    }
  }
  return false;
}

/** Where a leak comes from: the expressions that are its input, and the one that chose its platform. */
function sourcesOf(leak: AttributedLeak, report: Pick<Report, 'causes'>): Omit<SourceEdit, 'newText'>[] {
  const origins = leak.origins.filter(({ through }) => through === undefined);
  const cause = decisiveCause(leak, report);
  return [...origins, ...(cause ? [cause] : [])].flatMap(({ source }) => source ?? []);
}

/** Do two stretches of text have something in common, or touch each other? */
export function overlap(one: Omit<SourceEdit, 'newText'>, other: Omit<SourceEdit, 'newText'>): boolean {
  return (
    one.file === other.file &&
    comparePositions(one.range.start, other.range.end) <= 0 &&
    comparePositions(other.range.start, one.range.end) <= 0
  );
}
