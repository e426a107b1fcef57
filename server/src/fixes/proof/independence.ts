import { comparePositions } from '../../model/location.ts';
import type { SourceEdit } from '../fix.ts';
import type { Candidate } from '../repair.ts';

/**
 * May two repairs be tried together, so that what is seen is seen of each of
 * them? Not where they edit one place, or one names what the other one edits.
 */
export function areIndependent(one: Candidate, other: Candidate): boolean {
  return (
    !one.edits.some((edit) => other.edits.some((second) => overlap(edit, second))) &&
    !dependsOn(one, other) &&
    !dependsOn(other, one)
  );
}

/** Does a repair name something whose definition another one edits? */
function dependsOn({ reads = [] }: Candidate, { edits }: Candidate): boolean {
  return reads.some((range) => edits.some((edit) => overlap(range, edit)));
}

/** Do two stretches of text have something in common, or touch each other? */
export function overlap(one: Omit<SourceEdit, 'newText'>, other: Omit<SourceEdit, 'newText'>): boolean {
  return (
    one.file === other.file &&
    comparePositions(one.range.start, other.range.end) <= 0 &&
    comparePositions(other.range.start, one.range.end) <= 0
  );
}
