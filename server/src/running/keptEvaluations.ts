import type { EvaluationRequest } from '../model/target.ts';
import type { KeptNix } from '../nix/warm/keptNix.ts';

/** Each takes as much memory as an evaluation. */
const mostKept = 2;

/**
 * Those Nixes that stay after they have evaluated a target, for the evaluations
 * of its repairs. Whoever makes it disposes of it when no more repairs are evaluated.
 */
export class KeptEvaluations implements AsyncDisposable {
  /** The oldest first. */
  readonly #kept = new Map<EvaluationRequest, KeptNix>();
  readonly #ending = new Set<Promise<void>>();

  of(request: EvaluationRequest): KeptNix | undefined {
    const kept = this.#kept.get(request);
    return kept?.isAlive ? kept : undefined;
  }

  /** Keeps the Nix of a target in the place of the one before; of too many, the oldest that are not at work end. */
  keep(request: EvaluationRequest, nix: KeptNix): void {
    this.end(request);
    for (const [oldest, { isBusy }] of this.#kept)
      if (this.#kept.size >= mostKept && !isBusy) this.end(oldest);
    this.#kept.set(request, nix);
  }

  /** Ends the Nix of a target, where one is kept. */
  end(request: EvaluationRequest): void {
    const kept = this.#kept.get(request);
    if (!kept) return;
    this.#kept.delete(request);
    const ending = kept[Symbol.asyncDispose]();
    this.#ending.add(ending);
    void ending.finally(() => this.#ending.delete(ending));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const request of [...this.#kept.keys()]) this.end(request);
    await Promise.all(this.#ending);
  }
}
