import { createHash } from 'node:crypto';
import type { PolicedReport } from '../../check/policy.ts';
import type { TriedRepair } from './judgeRepairs.ts';

/** So many outcomes are kept, the newest. */
const mostOutcomes = 500;

/**
 * Remembers what came of repaired sources, by all that it depends on: the same
 * texts are taken to give the same closure as long as the unrepaired ones give
 * the same root. What changes outside the workspace without changing that root
 * is not seen.
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
 * @param tried the repairs that are tried together
 * @param overlays the texts of the edited files, with the repairs and with their controls
 */
export function keyOfProof(
  { request, graph, sources, levels, context, builders }: PolicedReport,
  tried: readonly TriedRepair[],
  overlays: readonly ReadonlyMap<string, string>[],
): string {
  const hash = createHash('sha256');
  const add = (part: unknown): void => void hash.update(JSON.stringify(part)).update('\0');
  add([request, levels, context ?? '', builders ?? '', graph.derivation(graph.root).drvPath]);
  for (const { leaks, ...purpose } of tried) {
    const meant = leaks.map(({ input, edges, faults }) => [
      input,
      edges.map(({ consumer, rule }) => [consumer, rule]),
      faults.map(({ derivation, rule }) => [derivation, rule]),
    ]);
    add([purpose, meant]);
  }
  add(digestOf(sources));
  for (const texts of overlays) add([...texts]);
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
