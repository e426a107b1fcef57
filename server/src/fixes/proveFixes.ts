import { randomUUID } from 'node:crypto';
import type { PolicedReport } from '../check/policy.ts';
import type { DerivationId } from '../model/derivation.ts';
import type { AttributedLeak } from '../model/report.ts';
import { inSlices } from '../model/slices.ts';
import { Deadline } from '../nix/deadline.ts';
import { probeLevels, type ProbeLevel } from '../probing/probes.ts';
import type { Evaluator, RunOptions } from '../running/evaluator.ts';
import type { NixParser } from '../syntax/parser.ts';
import { applyEdits } from './applyEdits.ts';
import type { Fix, FixProof } from './fix.ts';
import { gatherAttempts, type Attempt, type AttemptsOfCause, type ProofSubject } from './proof/attempts.ts';
import { areIndependent } from './proof/independence.ts';
import { judgeRepairs, type RepairedJudgement } from './proof/judgeRepair.ts';
import { keyOfProof, type ProofCache } from './proof/proofCache.ts';
import { statementOf } from './proof/statement.ts';
import { tryTogether, type Shown } from './proof/together.ts';
import { proposeFixes, type ProposalOptions } from './proposeFixes.ts';

/** Why a repair is not proven that nobody evaluated. */
export const noTimeLeft = 'there was no time left to evaluate it';

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
  /** Told for how many causes repairs are evaluated, before the first is. */
  readonly onStart?: (causes: number) => void;
  /** What proofs before showed. */
  readonly cache?: ProofCache<JudgedTrial>;
}

/** What evaluating a target with repaired sources showed, and how that is told of each repair. */
export interface JudgedTrial {
  readonly judgement: RepairedJudgement;
  readonly statements: readonly string[];
}

/**
 * Finds repairs for the leaks of reports, and evaluates them over every target
 * that reads an edited file. A repair is proven when what was wrong is the same
 * package for the right platform then, and nothing else became another thing:
 * see {@link judgeRepairs}. The first repairs of all causes are evaluated
 * together, and apart only where something goes wrong.
 *
 * A repair whose source does not evaluate is left out, and so is one that is
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
    onStart,
    cache,
    ...proposal
  }: ProofOptions,
): Promise<ReadonlyMap<PolicedReport, readonly Fix[]>> {
  using deadline = new Deadline(timeLimitMs);
  const limited = AbortSignal.any([signal, deadline.signal]);
  const proposals = [];
  for (const subject of subjects) {
    const proposed = await inSlices(proposeFixes(subject.report, parser, proposal), signal);
    const wanted = proposed.filter(({ leaks }) => leaks.some((leak) => isWanted(subject.report, leak)));
    const allowed = wanted.map(({ leaks, candidates }) => ({
      leaks,
      candidates: candidates.filter(({ edits }) => edits.every(({ file }) => mayEdit(file))),
    }));
    proposals.push([subject, allowed] as const);
  }
  const causes = gatherAttempts(proposals);
  const trial = new Trial(subjects, evaluator, limited, cache);
  const proofs = new Map<Attempt, Proofs>();
  const trials = new Map<Attempt, string>();
  const id = randomUUID();
  const tryThem = async (some: readonly Attempt[]): Promise<Shown<Proofs>> => {
    const name = `${id} ${trials.size}`;
    const shown = await trial.attempt(some);
    for (const [index, attempt] of some.entries()) if (shown.verdicts[index]) trials.set(attempt, name);
    return shown;
  };
  if (causes.length > 0) onStart?.(causes.length);
  for (let round = 0; round < attemptsPerCause; round++) {
    const next = causes.flatMap((attempts) => nextOf(attempts, round, proofs) ?? []);
    for (const batch of independentBatches(next)) {
      if (limited.aborted) break;
      for (const [attempt, found] of await tryTogether(batch, tryThem)) proofs.set(attempt, found);
    }
  }
  const reason = signal.aborted ? 'the evaluation was cancelled' : noTimeLeft;
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

/** What an attempt showed, for each subject; `no-value`: the repaired source does not evaluate. */
type Proofs = ReadonlyMap<ProofSubject, ShownProof> | 'no-value';

type ShownProof = FixProof & { readonly repairs: readonly DerivationId[] };

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

/** What became of the attempts for one cause. */
interface Outcomes {
  readonly proofs: ReadonlyMap<Attempt, Proofs>;
  /** Which evaluation showed it. */
  readonly trials: ReadonlyMap<Attempt, string>;
  /** A name for the cause. */
  readonly cause: string;
  /** Why nothing was shown of the others. */
  readonly reason: string;
}

function fixesOf(
  attempts: AttemptsOfCause,
  subject: ProofSubject,
  { proofs, trials, cause, reason }: Outcomes,
): Fix[] {
  const hasProven = attempts.some((attempt) => isProven(proofs.get(attempt)));
  return attempts.flatMap(({ candidate: { title, edits }, leaks }, index): Fix[] => {
    const attempt = attempts[index];
    const found = attempt && proofs.get(attempt);
    const own = leaks.get(subject);
    if (!own || found === 'no-value' || (hasProven && !isProven(found))) return [];
    const proof = found?.get(subject);
    if (!proof) {
      const repairs = own.map(({ input }) => input);
      // What nobody looked at, since better ones are at hand or the time was over.
      return found || hasProven ? [] : [{ title, edits, repairs, proof: { kind: 'unproven', reason } }];
    }
    const { repairs, ...shown } = proof;
    if (!hasProven) return [{ title, edits, repairs, proof: provenElsewhere(found) ?? shown }];
    const trial = attempt && trials.get(attempt);
    if (trial === undefined) return [{ title, edits, repairs, proof: shown }];
    return [{ title, edits, repairs, proof: shown, proven: { cause, trial, isPartial: isPartial(found) } }];
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

function byProof(one: Fix, other: Fix): number {
  return rankOfProof(one) - rankOfProof(other);
}

function rankOfProof({ proof }: Fix): number {
  if (proof.kind === 'unproven') return 2;
  return proof.isPartial ? 1 : 0;
}

/** Evaluates repaired sources and compares what comes out. */
class Trial {
  readonly #subjects: readonly ProofSubject[];
  readonly #evaluator: Evaluator;
  readonly #signal: AbortSignal;
  readonly #cache: ProofCache<JudgedTrial> | undefined;

  constructor(
    subjects: readonly ProofSubject[],
    evaluator: Evaluator,
    signal: AbortSignal,
    cache: ProofCache<JudgedTrial> | undefined,
  ) {
    this.#subjects = subjects;
    this.#evaluator = evaluator;
    this.#signal = signal;
    this.#cache = cache;
  }

  /** Tries repairs together, over all targets that read a file which one of them edits. */
  async attempt(attempts: readonly Attempt[]): Promise<Shown<Proofs>> {
    const files = new Set(attempts.flatMap(({ candidate }) => candidate.edits.map(({ file }) => file)));
    const readers = this.#subjects.filter(({ report: { filesRead, sources } }) =>
      (filesRead ?? [...sources.keys()]).some((file) => files.has(file)),
    );
    const verdicts = attempts.map(() => new Map<ProofSubject, ShownProof>());
    for (const subject of readers) {
      const shown = await this.#attemptFor(subject, attempts);
      if (shown.kind === 'failed') return failure(attempts, shown.proof);
      const { judgement, statements } = shown.trial;
      if (judgement.harm) return harmed(attempts, subject, judgement.harm, readers.length > 1);
      for (const [index, attempt] of attempts.entries()) {
        const leaks = attempt.leaks.get(subject);
        const effect = judgement.effects[index];
        if (!leaks || !effect) continue;
        const [still] = effect.remaining;
        const inputs = leaks.map(({ input }) => input);
        const { name } = subject.report.graph.derivation(still ?? inputs[0] ?? 0);
        verdicts[index]?.set(
          subject,
          effect.repaired.length === 0
            ? { kind: 'unproven', reason: `${name} would still be wrong`, repairs: inputs }
            : {
                kind: 'proven',
                statement: statements[index] ?? '',
                ...(still !== undefined && { isPartial: true }),
                repairs: effect.repaired,
              },
        );
      }
    }
    // Beside one that changes nothing for the better, nothing is proven of the others.
    const isRight = verdicts.map((found) => [...found.values()].every(({ kind }) => kind === 'proven'));
    const isTrue = isRight.every((right) => right);
    return {
      verdicts: verdicts.map((found, index) => (isTrue || isRight[index] === false ? found : undefined)),
      suspects: [],
    };
  }

  async #attemptFor(
    subject: ProofSubject,
    attempts: readonly Attempt[],
  ): Promise<
    | { readonly kind: 'judged'; readonly trial: JudgedTrial }
    | { readonly kind: 'failed'; readonly proof: FixProof | 'no-value' }
  > {
    const { report } = subject;
    const options: RunOptions = {
      ...subject.options,
      signal: AbortSignal.any([subject.options.signal, this.#signal]),
    };
    const level = probeLevels[report.probes.level ?? -1];
    if (level === undefined) return failed('the source could not be evaluated from copies');
    const edits = attempts.flatMap(({ candidate }) => candidate.edits);
    const overlays = new Map([...(subject.overlays ?? []), ...applyEdits(edits, report.sources)]);
    const leaks = attempts.map((attempt) => attempt.leaks.get(subject) ?? []);
    const key = this.#cache && keyOfProof(report, overlays, leaks);
    const known = key === undefined ? undefined : this.#cache?.get(key);
    if (known) return { kind: 'judged', trial: known };
    if (!(await this.#isControlled(subject, attempts, level, options)))
      return failed('another package has that name in the package set');
    const outcome = await this.#evaluator.runRepaired(report, overlays, level, options);
    if (outcome.kind === 'cancelled') return failed(noTimeLeft);
    if (outcome.kind === 'failed') return { kind: 'failed', proof: 'no-value' };
    const { before, after } = outcome.closures;
    if (after.graph.gaps.length > before.graph.gaps.length)
      return failed('the repaired closure could not be read whole');
    const tried = attempts.map(({ candidate }, index) => ({
      leaks: leaks[index] ?? [],
      movesConsumers: candidate.movesConsumers === true,
      addsInputs: candidate.addsInputs === true,
    }));
    const judgement = await inSlices(judgeRepairs(before, after, tried, report.levels), options.signal);
    const statements = judgement.effects.map((effect) => statementOf(report, after, effect, judgement));
    const trial = { judgement, statements };
    if (key !== undefined) this.#cache?.set(key, trial);
    return { kind: 'judged', trial };
  }

  /**
   * Is every package the one that the repairs suppose? A package set that is too
   * old to tell is taken at its names.
   */
  async #isControlled(
    { report, overlays: before }: ProofSubject,
    attempts: readonly Attempt[],
    level: ProbeLevel,
    options: RunOptions,
  ): Promise<boolean> {
    const control = attempts.flatMap(({ candidate }) => candidate.control ?? []);
    if (control.length === 0) return true;
    const overlays = new Map([...(before ?? []), ...applyEdits(control, report.sources)]);
    const root = await this.#evaluator.rootWith(report.request, overlays, level, options);
    return root === undefined || root === report.graph.derivation(report.graph.root).drvPath;
  }
}

function failed(reason: string): { readonly kind: 'failed'; readonly proof: FixProof } {
  return { kind: 'failed', proof: { kind: 'unproven', reason } };
}

/** Nothing is known of several that were tried together. */
function failure(attempts: readonly Attempt[], proof: FixProof | 'no-value'): Shown<Proofs> {
  const isAlone = attempts.length === 1;
  return {
    verdicts: attempts.map(({ leaks }) => {
      if (!isAlone) return undefined;
      if (proof === 'no-value') return proof;
      return new Map(
        [...leaks].map(([subject, of]) => [subject, { ...proof, repairs: of.map(({ input }) => input) }]),
      );
    }),
    suspects: [],
  };
}

function harmed(
  attempts: readonly Attempt[],
  subject: ProofSubject,
  { reason, name }: { readonly reason: string; readonly name: string },
  isOneOfSeveral: boolean,
): Shown<Proofs> {
  const told = isOneOfSeveral ? `in ${subject.label}, ${reason}` : reason;
  const { graph } = subject.report;
  const isSuspect = ({ leaks }: Attempt): boolean =>
    [...leaks].some(
      ([of, wrong]) => of === subject && wrong.some(({ input }) => graph.derivation(input).name === name),
    );
  return {
    ...failure(attempts, { kind: 'unproven', reason: told }),
    suspects: attempts.flatMap((attempt, index) => (isSuspect(attempt) ? [index] : [])),
  };
}
