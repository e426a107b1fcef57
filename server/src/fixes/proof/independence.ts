import type { DerivationId } from '../../model/derivation.ts';
import type { SourceRange } from '../../model/location.ts';
import { RangeIndex } from '../../model/rangeIndex.ts';
import { decisiveCause, type AttributedLeak, type Report } from '../../model/report.ts';
import type { Steps } from '../../model/slices.ts';
import type { Attempt, ProofSubject } from './attempts.ts';
import { Territory } from './territory.ts';

/**
 * Repairs that may be tried together, so that what is seen is seen of each of
 * them. Not so where two are for one leak, edit one place, or one names what the
 * other one edits; nor where one may repair what the other one is for, or hides
 * it: what is below a derivation that becomes another one is not compared.
 */
class Batch {
  readonly attempts: Attempt[] = [];
  readonly #edits = new RangeIndex();
  /** What the repairs name, and where their leaks come from: none of it is edited by another one. */
  readonly #untouched = new RangeIndex();
  readonly #territories = new Map<ProofSubject, Territory>();
  #isClosed = false;

  /** Takes a repair in, if it is independent of all that are in here. */
  *takeIn(attempt: Attempt, footprint: Footprint): Steps<boolean> {
    if (this.attempts.length > 0 && (this.#isClosed || footprint.isAlone || this.#meets(footprint)))
      return false;
    const claims: (() => void)[] = [];
    for (const [subject, { inputs, consumers }] of footprint.leaks) {
      const territory = this.#territories.get(subject) ?? new Territory(subject.report.graph);
      this.#territories.set(subject, territory);
      const claim = yield* territory.claim(inputs, consumers);
      if (!claim) return false;
      claims.push(claim);
    }
    for (const claim of claims) claim();
    this.attempts.push(attempt);
    this.#isClosed = footprint.isAlone;
    for (const edit of footprint.edits) this.#edits.add(edit);
    for (const range of footprint.untouched) this.#untouched.add(range);
    return true;
  }

  #meets({ edits, untouched }: Footprint): boolean {
    return (
      edits.some((edit) => this.#edits.overlaps(edit) || this.#untouched.overlaps(edit)) ||
      untouched.some((range) => this.#edits.overlaps(range))
    );
  }
}

/** What of a repair matters to others. */
interface Footprint {
  readonly edits: readonly SourceRange[];
  readonly untouched: readonly SourceRange[];
  /** In each closure, what its leaks are, and who has them as inputs. */
  readonly leaks: ReadonlyMap<
    ProofSubject,
    { readonly inputs: readonly DerivationId[]; readonly consumers: readonly DerivationId[] }
  >;
  /** It changes what is up to the root, and so hides all that is below. */
  readonly isAlone: boolean;
}

/**
 * Parts attempts into few batches, in each of which all may be tried together.
 *
 * @param signal when it is aborted, those that were looked at until then are parted
 */
export function* independentBatches(attempts: readonly Attempt[], signal: AbortSignal): Steps<Attempt[][]> {
  const batches: Batch[] = [];
  for (const attempt of attempts) {
    if (signal.aborted) break;
    const footprint = footprintOf(attempt);
    let isTaken = false;
    for (const batch of batches) if (!isTaken) isTaken = yield* batch.takeIn(attempt, footprint);
    if (!isTaken) {
      const batch = new Batch();
      yield* batch.takeIn(attempt, footprint);
      batches.push(batch);
    }
    yield;
  }
  return batches.map((batch) => batch.attempts);
}

function footprintOf({ candidate, leaks }: Attempt): Footprint {
  const sources = [...leaks].flatMap(([{ report }, wrong]) =>
    wrong.flatMap((leak) => sourcesOf(leak, report)),
  );
  return {
    edits: candidate.edits,
    untouched: [...(candidate.reads ?? []), ...sources],
    leaks: new Map(
      [...leaks].map(([subject, wrong]) => [
        subject,
        {
          inputs: wrong.map(({ input }) => input),
          consumers: wrong.flatMap(({ edges }) => edges.map(({ consumer }) => consumer)),
        },
      ]),
    ),
    isAlone: candidate.movesConsumers === true,
  };
}

/** Where a leak comes from: the expressions that are its input, and the one that chose its platform. */
function sourcesOf(leak: AttributedLeak, report: Pick<Report, 'causes'>): SourceRange[] {
  const origins = leak.origins.filter(({ through }) => through === undefined);
  const cause = decisiveCause(leak, report);
  return [...origins, ...(cause ? [cause] : [])].flatMap(({ source }) => source ?? []);
}
