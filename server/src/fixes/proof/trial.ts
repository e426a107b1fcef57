import pLimit from 'p-limit';
import type { DerivationId } from '../../model/derivation.ts';
import { inSlices } from '../../model/slices.ts';
import { probeLevels } from '../../probing/probes.ts';
import type { Evaluator } from '../../running/evaluator.ts';
import type { RunOptions } from '../../running/runParts.ts';
import { applyEdits } from '../applyEdits.ts';
import type { FixProof } from '../fix.ts';
import type { Attempt, ProofSubject } from './attempts.ts';
import { judgeRepairs, type RepairedJudgement } from './judgeRepairs.ts';
import { keyOfProof, type ProofCache } from './proofCache.ts';
import { statementOf } from './statement.ts';
import type { Shown } from './together.ts';

/** Why a repair is not proven that nobody evaluated. */
export const noTimeLeft = 'there was no time left to evaluate it';

/** What evaluating a target with repaired sources showed, and how that is told of each repair. */
export interface JudgedTrial {
  readonly judgement: RepairedJudgement;
  readonly statements: readonly string[];
}

/** What an attempt showed, for each subject; `no-value`: the repaired source does not evaluate. */
export type Proofs = ReadonlyMap<ProofSubject, ShownProof> | 'no-value';

export type ShownProof = FixProof & { readonly repairs: readonly DerivationId[] };

/** So many evaluations are under way at once, as of a check: the plain one and the probed one. */
const evaluationsAtOnce = 2;

/** Evaluates repaired sources and compares what comes out. */
export class Trial {
  readonly #inTurn = pLimit(evaluationsAtOnce);
  readonly #evaluating = pLimit(evaluationsAtOnce);
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
    let isOver = false;
    const ended = await Promise.allSettled(
      readers.map((subject) =>
        this.#inTurn(async () => {
          const shown = isOver ? undefined : await this.#attemptFor(subject, attempts);
          if (shown && (shown.kind === 'failed' || shown.trial.judgement.harm)) isOver = true;
          return shown;
        }),
      ),
    );
    for (const [place, subject] of readers.entries()) {
      const one = ended[place];
      if (one?.status === 'rejected') throw one.reason;
      const shown = one?.value;
      // Another target has shown enough.
      if (!shown) continue;
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
    const control = controlTexts(subject, attempts);
    const tried = attempts.map(({ candidate, leaks }) => ({
      leaks: leaks.get(subject) ?? [],
      movesConsumers: candidate.movesConsumers === true,
      addsInputs: candidate.addsInputs === true,
    }));
    const key = this.#cache && keyOfProof(report, tried, control ? [overlays, control] : [overlays]);
    const known = key === undefined ? undefined : this.#cache?.get(key);
    if (known) return { kind: 'judged', trial: known };
    const unrepairedRoot = report.graph.derivation(report.graph.root).drvPath;
    const [controlRoot, outcome] = await Promise.all([
      control === undefined
        ? unrepairedRoot
        : this.#evaluating(() => this.#evaluator.rootWith(report.request, control, level, options)),
      this.#evaluating(() => this.#evaluator.runRepaired(report, overlays, level, options)),
    ]);
    // Where that cannot be evaluated, nobody knows which packages they are.
    if (controlRoot !== unrepairedRoot)
      return failed(options.signal.aborted ? noTimeLeft : 'another package has that name in the package set');
    if (outcome.kind === 'cancelled') return failed(noTimeLeft);
    if (outcome.kind === 'failed') return { kind: 'failed', proof: 'no-value' };
    const { before, after } = outcome.closures;
    if (after.graph.gaps.length > before.graph.gaps.length)
      return failed('the repaired closure could not be read whole');
    // What was evaluated is compared to the end, also where the time for proofs is over meanwhile.
    const judgement = await inSlices(
      judgeRepairs(before, after, tried, report.levels),
      subject.options.signal,
    );
    const statements = judgement.effects.map((effect) => statementOf(report, after, effect, judgement));
    const trial = { judgement, statements };
    if (key !== undefined) this.#cache?.set(key, trial);
    return { kind: 'judged', trial };
  }
}

/** Texts that give the same root if every package is the one that the repairs suppose; undefined where they suppose nothing. */
function controlTexts(
  { report, overlays }: ProofSubject,
  attempts: readonly Attempt[],
): ReadonlyMap<string, string> | undefined {
  const control = attempts.flatMap(({ candidate }) => candidate.control ?? []);
  if (control.length === 0) return undefined;
  return new Map([...(overlays ?? []), ...applyEdits(control, report.sources)]);
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
