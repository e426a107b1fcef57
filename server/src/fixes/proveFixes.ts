import type { PolicedReport } from '../check/policy.ts';
import type { AttributedLeak } from '../model/report.ts';
import { inSlices } from '../model/slices.ts';
import { Deadline } from '../nix/deadline.ts';
import type { Evaluator } from '../running/evaluator.ts';
import type { NixParser } from '../syntax/parser.ts';
import type { Fix } from './fix.ts';
import { gatherAttempts, type Attempt, type AttemptsOfCause, type ProofSubject } from './proof/attempts.ts';
import { areIndependent } from './proof/independence.ts';
import type { ProofCache } from './proof/proofCache.ts';
import { tryTogether } from './proof/together.ts';
import { Trial, type JudgedTrial, type Proofs } from './proof/trial.ts';
import { proposeFixes } from './proposeFixes.ts';

/** Once a cause has a proven repair, so many are looked at in all. */
const attemptsOfProvenCause = 3;
/** Where none is proven, so many are tried. */
const attemptsPerCause = 8;

export interface ProofOptions {
  readonly signal: AbortSignal;
  /** How long all proofs together may take, in milliseconds; what is left then stays unproven. */
  readonly timeLimitMs: number;
  /** For which leaks repairs are looked for; left out: for all. */
  readonly isWanted?: (report: PolicedReport, leak: AttributedLeak) => boolean;
  /** What proofs before showed. */
  readonly cache?: ProofCache<JudgedTrial>;
}

/**
 * Finds repairs for the leaks of reports, and evaluates them over every target
 * that reads an edited file. A repair is proven when what was wrong is the same
 * package for the right platform then, and nothing else became another thing:
 * see `proof/judgeRepairs.ts`. The first repairs of all causes are evaluated
 * together, and apart only where something goes wrong.
 *
 * A repair whose source does not evaluate is left out, and so is one that is
 * not proven where another one of its cause is. Proven ones come first.
 */
export async function proveFixes(
  subjects: readonly ProofSubject[],
  parser: NixParser,
  evaluator: Evaluator,
  { signal, timeLimitMs, isWanted = () => true, cache }: ProofOptions,
): Promise<ReadonlyMap<PolicedReport, readonly Fix[]>> {
  using deadline = new Deadline(timeLimitMs);
  const limited = AbortSignal.any([signal, deadline.signal]);
  const proposals = [];
  for (const subject of subjects) {
    const proposed = await inSlices(proposeFixes(subject.report, parser), signal);
    const wanted = proposed.filter(({ leaks }) => leaks.some((leak) => isWanted(subject.report, leak)));
    proposals.push([subject, wanted] as const);
  }
  const causes = gatherAttempts(proposals);
  const trial = new Trial(subjects, evaluator, limited, cache);
  const proofs = new Map<Attempt, Proofs>();
  for (let round = 0; round < attemptsPerCause; round++) {
    const next = causes.flatMap((attempts) => nextOf(attempts, round, proofs) ?? []);
    for (const batch of independentBatches(next)) {
      if (limited.aborted) break;
      for (const [attempt, found] of await tryTogether(batch, (some) => trial.attempt(some)))
        proofs.set(attempt, found);
    }
  }
  const reason = signal.aborted ? 'the evaluation was cancelled' : 'there was no time left to evaluate it';
  return new Map(
    subjects.map((subject) => [
      subject.report,
      causes.flatMap((attempts) => fixesOf(attempts, subject, proofs, reason)).sort(byProof),
    ]),
  );
}

function isProven(proofs: Proofs | undefined): boolean {
  return (
    proofs !== undefined &&
    proofs !== 'no-value' &&
    [...proofs.values()].every(({ kind }) => kind === 'proven')
  );
}

/** What is tried next of a cause; undefined where enough was. */
function nextOf(
  attempts: AttemptsOfCause,
  round: number,
  proofs: ReadonlyMap<Attempt, Proofs>,
): Attempt | undefined {
  const proven = attempts.filter((attempt) => isProven(proofs.get(attempt)));
  if (round >= attemptsOfProvenCause && proven.length > 0) return undefined;
  const purposes = new Set(proven.map(({ candidate: { purpose } }) => purpose));
  return attempts.find(
    (attempt) =>
      !proofs.has(attempt) &&
      (attempt.candidate.purpose === undefined || !purposes.has(attempt.candidate.purpose)),
  );
}

/** Parts attempts into as few groups as possible, in each of which all may be tried together. */
function independentBatches(attempts: readonly Attempt[]): Attempt[][] {
  const batches: Attempt[][] = [];
  for (const attempt of attempts) {
    const fitting = batches.find((batch) =>
      batch.every((other) => areIndependent(attempt.candidate, other.candidate)),
    );
    if (fitting) fitting.push(attempt);
    else batches.push([attempt]);
  }
  return batches;
}

function fixesOf(
  attempts: AttemptsOfCause,
  subject: ProofSubject,
  proofs: ReadonlyMap<Attempt, Proofs>,
  reason: string,
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
    return [{ ...offered, repairs, proof: shown }];
  });
}

function byProof(one: Fix, other: Fix): number {
  return rankOfProof(one) - rankOfProof(other);
}

function rankOfProof({ proof }: Fix): number {
  if (proof.kind === 'unproven') return 2;
  return proof.isPartial ? 1 : 0;
}
