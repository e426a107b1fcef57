import type { PolicedReport } from '../../check/policy.ts';
import { placeKey } from '../../model/location.ts';
import { decisiveCause, type AttributedLeak } from '../../model/report.ts';
import type { RunOptions } from '../../running/runParts.ts';
import type { Proposal } from '../proposeFixes.ts';
import type { Candidate } from '../repair.ts';

/** A report whose leaks are to be repaired, with how its target was evaluated. */
export interface ProofSubject {
  /** The name of its target, as people know it. */
  readonly label: string;
  readonly report: PolicedReport;
  readonly options: RunOptions;
  /** Texts that were evaluated instead of those on disk, by absolute path; left out: none. */
  readonly overlays?: ReadonlyMap<string, string>;
}

/** An edit that is tried, with the leaks of each report that it is meant for. */
export interface Attempt {
  readonly candidate: Candidate;
  readonly leaks: ReadonlyMap<ProofSubject, readonly AttributedLeak[]>;
}

/** The attempts for one cause, the likeliest first. */
export type AttemptsOfCause = readonly Attempt[];

/**
 * Gathers what was proposed for several reports: what is proposed for one
 * cause, and the same edit, is tried for all of them at once.
 */
export function gatherAttempts(
  proposals: readonly (readonly [ProofSubject, readonly Proposal[]])[],
): AttemptsOfCause[] {
  const causes = new Map<
    string,
    Map<string, { candidate: Candidate; leaks: Map<ProofSubject, AttributedLeak[]> }>
  >();
  for (const [index, [subject, ofSubject]] of proposals.entries()) {
    for (const { leaks, candidates } of ofSubject) {
      const key = keyOfCause(leaks[0], subject.report) ?? `${index} ${leaks[0]?.cause ?? ''}`;
      const attempts =
        causes.get(key) ??
        new Map<string, { candidate: Candidate; leaks: Map<ProofSubject, AttributedLeak[]> }>();
      causes.set(key, attempts);
      for (const candidate of candidates) {
        const edits = JSON.stringify(candidate.edits.map((edit) => [placeKey(edit), edit.newText]));
        const attempt = attempts.get(edits) ?? {
          candidate,
          leaks: new Map<ProofSubject, AttributedLeak[]>(),
        };
        attempts.set(edits, attempt);
        attempt.leaks.set(subject, [...new Set([...(attempt.leaks.get(subject) ?? []), ...leaks])]);
      }
    }
  }
  return [...causes.values()].map((attempts) => [...attempts.values()]);
}

function keyOfCause(leak: AttributedLeak | undefined, report: PolicedReport): string | undefined {
  const source = leak && (decisiveCause(leak, report)?.source ?? leak.origins[0]?.source);
  return source && placeKey(source);
}
