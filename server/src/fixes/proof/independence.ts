import type { DerivationId } from '../../model/derivation.ts';
import type { SourceRange } from '../../model/location.ts';
import { decisiveCause, type AttributedLeak, type Report } from '../../model/report.ts';
import type { Steps } from '../../model/slices.ts';
import type { Attempt, ProofSubject } from './attempts.ts';
import { PlaceIndex } from './placeIndex.ts';

/**
 * Parts attempts into as few groups as possible, in each of which all may be tried together.
 *
 * @param signal when it is aborted, those that were looked at until then are parted
 */
export function* independentBatches(attempts: readonly Attempt[], signal: AbortSignal): Steps<Attempt[][]> {
  const batches: IndependentAttempts[] = [];
  for (const attempt of attempts) {
    if (signal.aborted) break;
    const traits = traitsOf(attempt);
    const fitting = batches.find((batch) => batch.isIndependentOf(traits));
    const batch = fitting ?? new IndependentAttempts();
    if (!fitting) batches.push(batch);
    batch.add(attempt, traits);
    yield;
  }
  return batches.map(({ attempts: together }) => together);
}

/** What decides whether an attempt may be tried beside others. */
interface Traits {
  readonly edits: readonly SourceRange[];
  /** What it names. */
  readonly reads: readonly SourceRange[];
  /** Where the leaks come from that it is for: the expressions that are their inputs, and those that chose a platform. */
  readonly sources: readonly SourceRange[];
  /** The inputs that it is to repair, and their consumers. */
  readonly inputs: readonly (readonly [ProofSubject, DerivationId])[];
  readonly consumers: readonly (readonly [ProofSubject, DerivationId])[];
}

function traitsOf({ candidate: { edits, reads = [] }, leaks }: Attempt): Traits {
  const wrong = [...leaks].flatMap(([subject, of]) => of.map((leak) => [subject, leak] as const));
  return {
    edits,
    reads,
    sources: wrong.flatMap(([subject, leak]) => sourcesOf(leak, subject.report)),
    inputs: wrong.map(([subject, { input }]) => [subject, input] as const),
    consumers: wrong.flatMap(([subject, { edges }]) =>
      edges.map(({ consumer }) => [subject, consumer] as const),
    ),
  };
}

/** Where a leak comes from: the expressions that are its input, and the one that chose its platform. */
function sourcesOf(leak: AttributedLeak, report: Pick<Report, 'causes'>): SourceRange[] {
  const origins = leak.origins.filter(({ through }) => through === undefined);
  const cause = decisiveCause(leak, report);
  return [...origins, ...(cause ? [cause] : [])].flatMap(({ source }) => source ?? []);
}

/**
 * Attempts that may be tried together, so that what is seen is seen of each of
 * them. Not those that are for one leak, edit one place, or of which one names
 * what the other one edits; nor those of which one may repair what the other
 * one is for: an input of what is wrong itself, or what comes from a place that
 * it edits.
 */
class IndependentAttempts {
  readonly attempts: Attempt[] = [];
  readonly #edits = new PlaceIndex();
  /** What they name, and where their leaks come from. */
  readonly #needs = new PlaceIndex();
  readonly #inputs = new PairSet();
  readonly #consumers = new PairSet();

  isIndependentOf({ edits, reads, sources, inputs, consumers }: Traits): boolean {
    return !(
      edits.some((edit) => this.#edits.touches(edit) || this.#needs.touches(edit)) ||
      reads.some((place) => this.#edits.touches(place)) ||
      sources.some((place) => this.#edits.touches(place)) ||
      inputs.some((pair) => this.#inputs.has(pair) || this.#consumers.has(pair)) ||
      consumers.some((pair) => this.#inputs.has(pair))
    );
  }

  add(attempt: Attempt, { edits, reads, sources, inputs, consumers }: Traits): void {
    this.attempts.push(attempt);
    for (const edit of edits) this.#edits.add(edit);
    for (const place of [...reads, ...sources]) this.#needs.add(place);
    for (const pair of inputs) this.#inputs.add(pair);
    for (const pair of consumers) this.#consumers.add(pair);
  }
}

/** Derivations of reports. */
class PairSet {
  readonly #ids = new Map<ProofSubject, Set<DerivationId>>();

  has([subject, id]: readonly [ProofSubject, DerivationId]): boolean {
    return this.#ids.get(subject)?.has(id) === true;
  }

  add([subject, id]: readonly [ProofSubject, DerivationId]): void {
    const ids = this.#ids.get(subject) ?? new Set();
    this.#ids.set(subject, ids.add(id));
  }
}
