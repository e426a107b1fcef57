import { createHash } from 'node:crypto';
import type { PolicedReport } from '../../check/policy.ts';
import type { AttributedLeak } from '../../model/report.ts';

/** So many outcomes are kept, the newest. */
const mostOutcomes = 500;

/**
 * Remembers what came of repaired sources, by all that it depends on: the same
 * texts give the same closure, as long as the unrepaired ones give the same root.
 */
export class ProofCache<Outcome> {
  readonly #outcomes = new Map<string, Outcome>();

  get(key: string): Outcome | undefined {
    return this.#outcomes.get(key);
  }

  set(key: string, outcome: Outcome): void {
    this.#outcomes.delete(key);
    this.#outcomes.set(key, outcome);
    for (const oldest of this.#outcomes.keys()) {
      if (this.#outcomes.size <= mostOutcomes) return;
      this.#outcomes.delete(oldest);
    }
  }
}

/**
 * @param overlays the texts of the edited files
 * @param leaks those that each of the repairs is meant for
 */
export function keyOfProof(
  { request, graph, sources, levels }: PolicedReport,
  overlays: ReadonlyMap<string, string>,
  leaks: readonly (readonly AttributedLeak[])[],
): string {
  const hash = createHash('sha256');
  const add = (...parts: readonly string[]): void => void hash.update(parts.join('\0')).update('\0\0');
  add(JSON.stringify([request, levels]), graph.derivation(graph.root).drvPath);
  add(...leaks.map((of) => of.map(({ input }) => input).join(' ')));
  add(digestOf(sources));
  for (const [file, text] of overlays) add(file, text);
  return hash.digest('base64');
}

const digests = new WeakMap<ReadonlyMap<string, string>, string>();

/** Of all texts of a report, made once: there may be thousands of them, and many repairs. */
function digestOf(sources: ReadonlyMap<string, string>): string {
  const known = digests.get(sources);
  if (known !== undefined) return known;
  const hash = createHash('sha256');
  for (const [file, text] of sources) hash.update(`${file}\0${text}\0`);
  const digest = hash.digest('base64');
  digests.set(sources, digest);
  return digest;
}
