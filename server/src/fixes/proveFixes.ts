import { randomUUID } from 'node:crypto';
import type { PolicedReport } from '../check/policy.ts';
import type { AttributedLeak } from '../model/report.ts';
import { inSlices } from '../model/slices.ts';
import { Deadline } from '../nix/deadline.ts';
import { filesOutside } from '../permissions/filesOutside.ts';
import { filesOfSeveralNames } from '../permissions/namesOfFiles.ts';
import type { Evaluator } from '../running/evaluator.ts';
import type { NixParser } from '../syntax/parser.ts';
import type { Fix } from './fix.ts';
import { gatherAttempts, type Attempt, type AttemptsOfCause, type ProofSubject } from './proof/attempts.ts';
import { independentBatches } from './proof/independence.ts';
import type { ProofCache } from './proof/proofCache.ts';
import { tryTogether, type Shown } from './proof/together.ts';
import { byProof, fixesOf, isProvenWhole } from './proof/toldFixes.ts';
import { noTimeLeft, Trial, type JudgedTrial, type Proofs } from './proof/trial.ts';
import { proposeFixes, type Proposal, type ProposalOptions } from './proposeFixes.ts';

/** Once a cause has a proven repair, so many are looked at in all. */
const attemptsOfProvenCause = 3;
/** Where none is proven, so many are tried. */
const attemptsPerCause = 8;

export interface ProofOptions extends ProposalOptions {
  readonly signal: AbortSignal;
  /** How long all proofs together may take, in milliseconds; what is left then stays unproven. */
  readonly timeLimitMs: number;
  /** For which leaks repairs are looked for; left out: for all. */
  readonly isWanted?: (report: PolicedReport, leak: AttributedLeak) => boolean;
  /** Which files a repair may edit; left out: all. */
  readonly mayEdit?: (file: string) => boolean;
  /** Told of leaks whose repairs would all edit files that are to be left alone, with why: a clause. */
  readonly onWithheld?: (leaks: readonly AttributedLeak[], why: string) => void;
  /** Told for how many causes repairs are evaluated, before the first is. */
  readonly onStart?: (causes: number) => void;
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
 * No repair edits a file that is read under several names, since copies of one
 * name show nothing of the others, nor one to which a link leads out of the
 * workspace. A repair whose source does not evaluate is left out, and so is one that is
 * not proven where another one of its cause is. Proven ones come first.
 */
export async function proveFixes(
  subjects: readonly ProofSubject[],
  parser: NixParser,
  evaluator: Evaluator,
  {
    signal,
    timeLimitMs,
    isWanted = () => true,
    mayEdit = () => true,
    onWithheld,
    onStart,
    cache,
    ...proposal
  }: ProofOptions,
): Promise<ReadonlyMap<PolicedReport, readonly Fix[]>> {
  using deadline = new Deadline(timeLimitMs);
  const limited = AbortSignal.any([signal, deadline.signal]);
  const files = new Set(subjects.flatMap(({ report }) => [...report.sources.keys()]));
  const roots = new Set(subjects.flatMap(({ options }) => options.workspaceRoots));
  const [linked, outside] = [await filesOfSeveralNames(files), await filesOutside(files, [...roots])];
  const isEditable = (file: string): boolean => mayEdit(file) && !linked.has(file) && !outside.has(file);
  const proposals: (readonly [ProofSubject, readonly Proposal[]])[] = [];
  for (const subject of subjects) {
    const proposed = await inSlices(proposeFixes(subject.report, parser, proposal), signal);
    const wanted = proposed.filter(({ leaks }) => leaks.some((leak) => isWanted(subject.report, leak)));
    const allowed = wanted.map((one) => withinFiles(one, isEditable));
    for (const [index, { leaks, candidates }] of wanted.entries()) {
      const edited = candidates.flatMap(({ edits }) => edits.map(({ file }) => file));
      if (allowed[index]?.candidates.length === 0 && edited.length > 0)
        onWithheld?.(leaks, whyWithheld(edited, linked, outside));
    }
    proposals.push([subject, allowed]);
  }
  const causes = gatherAttempts(proposals);
  const trial = new Trial(subjects, evaluator, limited, cache);
  const proofs = new Map<Attempt, Proofs>();
  const trials = new Map<Attempt, string>();
  const id = randomUUID();
  const tryThem = async (some: readonly Attempt[]): Promise<Shown<Proofs>> => {
    const name = randomUUID();
    const shown = await trial.attempt(some);
    for (const [index, attempt] of some.entries()) if (shown.verdicts[index]) trials.set(attempt, name);
    return shown;
  };
  if (causes.length > 0) onStart?.(causes.length);
  for (let round = 0; round < attemptsPerCause; round++) {
    const next = causes.flatMap((attempts) => nextOf(attempts, proofs));
    if (next.length === 0 || limited.aborted) break;
    const batches = await inSlices(independentBatches(next, limited));
    // All of them end before this does, so that no process is left behind one that fails.
    const ended = await Promise.allSettled(batches.map((batch) => tryTogether(batch, tryThem, limited)));
    for (const shown of ended) {
      if (shown.status === 'rejected') throw shown.reason;
      for (const [attempt, found] of shown.value) proofs.set(attempt, found);
    }
  }
  const enough = limited.aborted ? noTimeLeft : `${attemptsPerCause} others were tried before it`;
  const reason = signal.aborted ? 'the evaluation was cancelled' : enough;
  return new Map(
    subjects.map((subject) => [
      subject.report,
      causes
        .flatMap((attempts, index) =>
          fixesOf(attempts, subject, { proofs, trials, cause: `${id} ${index}`, reason }),
        )
        .sort(byProof),
    ]),
  );
}

/** Why none of some files is edited; a clause. */
function whyWithheld(
  files: readonly string[],
  linked: ReadonlySet<string>,
  outside: ReadonlySet<string>,
): string {
  if (files.some((file) => outside.has(file)))
    return 'its repair would edit a file outside of the workspace, to which a link leads';
  if (files.some((file) => linked.has(file)))
    return 'its repair would edit a file that is read under several names, since links lead to it';
  return 'its repair would edit a file that is left alone';
}

/** What is proposed without what edits a file that is to be left alone. */
function withinFiles({ leaks, candidates }: Proposal, mayEdit: (file: string) => boolean): Proposal {
  return {
    leaks,
    candidates: candidates.filter(({ edits }) => edits.every(({ file }) => mayEdit(file))),
  };
}

/**
 * What is tried next of a cause: the likeliest, and beside it what is tried
 * whatever that shows. Empty where enough was tried.
 */
function nextOf(attempts: AttemptsOfCause, proofs: ReadonlyMap<Attempt, Proofs>): Attempt[] {
  // What repairs a part only is no reason not to look for more.
  const proven = attempts.filter((attempt) => isProvenWhole(proofs.get(attempt)));
  const tried = attempts.filter((attempt) => proofs.has(attempt)).length;
  if (tried >= attemptsPerCause || (tried >= attemptsOfProvenCause && proven.length > 0)) return [];
  const purposes = new Set(proven.map(({ candidate: { purpose } }) => purpose));
  const isOpen = ({ candidate: { purpose } }: Attempt): boolean =>
    purpose === undefined || !purposes.has(purpose);
  const [likeliest, ...others] = attempts.filter((attempt) => !proofs.has(attempt) && isOpen(attempt));
  if (likeliest === undefined) return [];
  const next = [likeliest];
  for (const attempt of others.slice(0, Math.max(0, attemptsOfProvenCause - tried - 1))) {
    purposes.add(next.at(-1)?.candidate.purpose);
    if (isOpen(attempt)) next.push(attempt);
  }
  return next;
}
