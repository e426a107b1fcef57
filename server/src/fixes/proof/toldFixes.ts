import type { Fix, FixProof } from '../fix.ts';
import type { Attempt, AttemptsOfCause, ProofSubject } from './attempts.ts';
import type { Proofs, ShownProof } from './trial.ts';

/** Was it evaluated, and is it proven for all targets that read an edited file? */
function isProven(proofs: Proofs | undefined): boolean {
  return (
    proofs !== undefined &&
    proofs !== 'no-value' &&
    // Of a repair that no target was looked at for, nothing is proven.
    proofs.size > 0 &&
    [...proofs.values()].every(({ kind }) => kind === 'proven')
  );
}

/** The same, and does it leave nothing of its cause wrong in any of them? */
export function isProvenWhole(proofs: Proofs | undefined): boolean {
  return proofs !== 'no-value' && isProven(proofs) && !isPartial(proofs);
}

/** What became of the attempts for one cause. */
export interface Outcomes {
  readonly proofs: ReadonlyMap<Attempt, Proofs>;
  /** Which evaluation showed it. */
  readonly trials: ReadonlyMap<Attempt, string>;
  /** A name for the cause. */
  readonly cause: string;
  /** Why nothing was shown of the others. */
  readonly reason: string;
}

/** What is told of the attempts for one cause in a report: the proven ones first, and others only where there is none. */
export function fixesOf(
  attempts: AttemptsOfCause,
  subject: ProofSubject,
  { proofs, trials, cause, reason }: Outcomes,
): Fix[] {
  const hasProven = attempts.some((attempt) => isProven(proofs.get(attempt)));
  return attempts.flatMap(({ candidate, leaks }, index): Fix[] => {
    const { title, edits, isDoubtful } = candidate;
    const offered = { title, edits, ...(isDoubtful && { isDoubtful }) };
    const attempt = attempts[index];
    const found = attempt && proofs.get(attempt);
    const own = leaks.get(subject);
    if (!own || found === 'no-value' || (hasProven && !isProven(found))) return [];
    const proof = found?.get(subject);
    if (!proof) {
      const repairs = own.map(({ input }) => input);
      // What nobody looked at, since better ones are at hand or the time was over.
      return found || hasProven ? [] : [{ ...offered, repairs, proof: { kind: 'unproven', reason } }];
    }
    const { repairs, ...shown } = proof;
    if (!hasProven) return [{ ...offered, repairs, proof: provenElsewhere(found) ?? shown }];
    const trial = attempt && trials.get(attempt);
    if (trial === undefined) return [{ ...offered, repairs, proof: shown }];
    return [{ ...offered, repairs, proof: shown, proven: { cause, trial, isPartial: isPartial(found) } }];
  });
}

function isPartial(found: ReadonlyMap<ProofSubject, ShownProof> | undefined): boolean {
  return [...(found?.values() ?? [])].some((proof) => proof.kind === 'proven' && proof.isPartial === true);
}

/** Why an attempt that may help one target is not proven: it does not help another one. */
function provenElsewhere(found: ReadonlyMap<ProofSubject, ShownProof> | undefined): FixProof | undefined {
  if (!found || found.size < 2) return undefined;
  for (const [{ label }, proof] of found)
    if (proof.kind === 'unproven')
      return { kind: 'unproven', reason: label === '' ? proof.reason : `in ${label}, ${proof.reason}` };
  return undefined;
}

/** Orders repairs: what is proven comes first, and whole ones before partial ones. */
export function byProof(one: Fix, other: Fix): number {
  return rankOfProof(one) - rankOfProof(other);
}

function rankOfProof({ proof }: Fix): number {
  if (proof.kind === 'unproven') return 2;
  return proof.isPartial ? 1 : 0;
}
