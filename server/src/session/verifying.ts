import type { Report } from '../model/report.ts';
import type { DerivationId } from '../model/derivation.ts';
import type { Verification } from '../model/verification.ts';
import { describeFailure } from '../nix/describeFailure.ts';
import type { NixConnection } from './parts.ts';
import type { StateStore } from './stateStore.ts';
import { limitsOfSettings } from './workspace.ts';

/** What is in the store could not be verified; the message says why, and what to do. */
export class VerifyError extends Error {
  override readonly name = 'VerifyError';
}

/** Looks at what is in the store, where somebody asks for it; never in an untrusted workspace. */
export class Verifying {
  readonly #store: StateStore;
  readonly #nix: () => NixConnection;
  readonly #ended = new AbortController();
  readonly #running = new Set<Promise<Verification>>();

  constructor(store: StateStore, nix: () => NixConnection) {
    this.#store = store;
    this.#nix = nix;
  }

  /**
   * What of a derivation is in the store, and for which platform it is.
   *
   * @throws VerifyError
   */
  async verify(report: Report, derivation: DerivationId, wanted: AbortSignal): Promise<Verification> {
    const { snapshot } = this.#store;
    if (!snapshot.trusted)
      throw new VerifyError('To ask Nix is to run it: trust the workspace first (Manage Workspace Trust).');
    const signal = AbortSignal.any([wanted, this.#ended.signal]);
    const running = this.#nix().verifyOutputs?.(report, derivation, {
      signal,
      limits: limitsOfSettings(snapshot),
    });
    if (!running) throw new VerifyError('This Nix cannot be asked what is in its store.');
    this.#running.add(running);
    try {
      return await running;
    } catch (error) {
      if (signal.aborted) throw new VerifyError('The verification was cancelled.', { cause: error });
      const [first] = describeFailure(error, () => false);
      const { message = String(error), advice = '' } = first ?? {};
      throw new VerifyError([message, advice].filter(Boolean).join('\n'), { cause: error });
    } finally {
      this.#running.delete(running);
    }
  }

  /** Ends what is under way; settles when it has ended. */
  async dispose(): Promise<void> {
    this.#ended.abort();
    await Promise.allSettled(this.#running);
  }
}
