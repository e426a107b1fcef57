import type { SourceRange } from '../../model/location.ts';
import { RangeIndex } from '../../model/rangeIndex.ts';
import { decisiveCause, type AttributedLeak, type Report } from '../../model/report.ts';
import type { Steps } from '../../model/slices.ts';
import type { Attempt } from './attempts.ts';

/**
 * Repairs that may be tried together, so that what is seen is seen of each of
 * them. Not so where two are for one leak, edit one place, or one names what the
 * other one edits; nor where one may repair what the other one is for: an input
 * of what is wrong itself, or what comes from a place that it edits.
 */
class Batch {
  readonly attempts: Attempt[] = [];
  readonly #edits = new RangeIndex();
  /** What the repairs name, and where their leaks come from: none of it is edited by another one. */
  readonly #untouched = new RangeIndex();
  readonly #inputs = new Set<string>();
  readonly #consumers = new Set<string>();

  /** Is a repair independent of all that are in here? */
  takes({ edits, untouched, inputs, consumers }: Footprint): boolean {
    return (
      !edits.some((edit) => this.#edits.overlaps(edit) || this.#untouched.overlaps(edit)) &&
      !untouched.some((range) => this.#edits.overlaps(range)) &&
      !inputs.some((input) => this.#inputs.has(input) || this.#consumers.has(input)) &&
      !consumers.some((consumer) => this.#inputs.has(consumer))
    );
  }

  add(attempt: Attempt, { edits, untouched, inputs, consumers }: Footprint): void {
    this.attempts.push(attempt);
    for (const edit of edits) this.#edits.add(edit);
    for (const range of untouched) this.#untouched.add(range);
    for (const input of inputs) this.#inputs.add(input);
    for (const consumer of consumers) this.#consumers.add(consumer);
  }
}

/** What of a repair matters to others. */
interface Footprint {
  readonly edits: readonly SourceRange[];
  readonly untouched: readonly SourceRange[];
  /** What its leaks are, and who has them as inputs, each with the subject of its closure. */
  readonly inputs: readonly string[];
  readonly consumers: readonly string[];
}

/** Parts attempts into few batches, in each of which all may be tried together. */
export function* independentBatches(attempts: readonly Attempt[]): Steps<Attempt[][]> {
  const subjects = new Map<unknown, number>();
  const numberOf = (subject: unknown): number => {
    const number = subjects.get(subject) ?? subjects.size;
    subjects.set(subject, number);
    return number;
  };
  const batches: Batch[] = [];
  for (const attempt of attempts) {
    const footprint = footprintOf(attempt, numberOf);
    let fitting = batches.find((batch) => batch.takes(footprint));
    if (!fitting) batches.push((fitting = new Batch()));
    fitting.add(attempt, footprint);
    yield;
  }
  return batches.map((batch) => batch.attempts);
}

function footprintOf({ candidate, leaks }: Attempt, numberOf: (subject: unknown) => number): Footprint {
  const all = [...leaks].flatMap(([subject, wrong]) => wrong.map((leak) => ({ subject, leak })));
  return {
    edits: candidate.edits,
    untouched: [
      ...(candidate.reads ?? []),
      ...all.flatMap(({ subject, leak }) => sourcesOf(leak, subject.report)),
    ],
    inputs: all.map(({ subject, leak }) => `${numberOf(subject)} ${leak.input}`),
    consumers: all.flatMap(({ subject, leak }) =>
      leak.edges.map(({ consumer }) => `${numberOf(subject)} ${consumer}`),
    ),
  };
}

/** Where a leak comes from: the expressions that are its input, and the one that chose its platform. */
function sourcesOf(leak: AttributedLeak, report: Pick<Report, 'causes'>): SourceRange[] {
  const origins = leak.origins.filter(({ through }) => through === undefined);
  const cause = decisiveCause(leak, report);
  return [...origins, ...(cause ? [cause] : [])].flatMap(({ source }) => source ?? []);
}
