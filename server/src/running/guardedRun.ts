import type { EvaluationError } from '../model/evaluationError.ts';
import { Deadline } from '../nix/deadline.ts';
import { describeFailure } from '../nix/describeFailure.ts';
import { MemoryBudget } from '../nix/process/memoryBudget.ts';
import type { RunOptions } from './runParts.ts';

/** Why there is no result. */
export type NoResult =
  | { readonly kind: 'failed'; readonly errors: readonly EvaluationError[] }
  | { readonly kind: 'cancelled' };

/** Turns what may go wrong into an outcome, and holds the whole work to one limit of time and one of memory. */
export async function guarded<Result>(
  onError: ((error: unknown) => void) | undefined,
  options: RunOptions,
  work: (limited: RunOptions) => Promise<Result>,
): Promise<Result | NoResult> {
  const { limits } = options;
  const deadline = new Deadline(limits.timeoutMs);
  const limited: RunOptions = {
    ...options,
    limits: { ...limits, memory: limits.memory ?? new MemoryBudget(limits.memoryLimitMiB) },
    signal: AbortSignal.any([options.signal, deadline.signal]),
  };
  const describe = (error: unknown): NoResult => {
    const isOwn = (file: string): boolean =>
      options.workspaceRoots.some((root) => file.startsWith(`${root}/`));
    return { kind: 'failed', errors: describeFailure(error, isOwn) };
  };
  try {
    const result = await work(limited);
    if (options.signal.aborted) return { kind: 'cancelled' };
    return deadline.signal.aborted ? describe(deadline.failure) : result;
  } catch (error) {
    if (options.signal.aborted) return { kind: 'cancelled' };
    if (deadline.signal.aborted) return describe(deadline.failure);
    onError?.(error);
    return describe(error);
  } finally {
    deadline[Symbol.dispose]();
  }
}
