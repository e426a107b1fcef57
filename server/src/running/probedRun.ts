import { NixFailure } from '../nix/failure.ts';
import type { SourceFile } from '../syntax/sourceFile.ts';
import { writeCopies, type WorkspaceCopies } from '../probing/copies.ts';
import type { EvaluationPlan } from './plan.ts';
import { probeLevels, type Probe, type ProbeLevel } from '../probing/probes.ts';
import type { WorkspaceLayout } from '../probing/workspaceFiles.ts';

/** What a probed evaluation gave. */
export interface ProbedRun {
  readonly drvPath: string;
  readonly traces: readonly string[];
  readonly nonce: string;
  readonly level: ProbeLevel;
  readonly probes: ReadonlyMap<string, Probe>;
  readonly readers: WorkspaceCopies['readers'];
}

export type ProbedOutcome =
  | { readonly ok: true; readonly run: ProbedRun }
  | {
      readonly ok: false;
      /** One line. */
      readonly reason: string;
      /** Fewer probes would fail in the same way. */
      readonly hopeless: boolean;
    };

/**
 * Evaluates instrumented copies of the files. Never throws: what a probe may
 * have caused must not reach the person, so every failure is a reason to try
 * less.
 */
export async function runProbed(
  plan: EvaluationPlan,
  layout: Omit<WorkspaceLayout, 'overlays'>,
  files: ReadonlyMap<string, SourceFile>,
  level: ProbeLevel,
  signal: AbortSignal,
): Promise<ProbedOutcome> {
  try {
    await using copies = await writeCopies(files, { ...layout, overlays: new Map() }, level, true, signal);
    const { drvPath, traces } = await plan.evaluateCopies(copies, false, signal);
    return {
      ok: true,
      run: { drvPath, traces, nonce: copies.nonce, level, probes: copies.probes, readers: copies.readers },
    };
  } catch (error) {
    const hopeless =
      error instanceof NixFailure && error.reason !== 'evaluation' && error.reason !== 'crashed';
    return { ok: false, reason: firstLine(error), hopeless };
  }
}

/** What an error says, without the trace and the paths of copies that follow. */
export function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n')[0]?.slice(0, 300) ?? '';
}

/**
 * Takes the first probed evaluation that gives the plain one's root: the one
 * that is under way, else those with fewer probes, one after the other.
 */
export async function settleProbed(
  first: Promise<ProbedOutcome>,
  rootPath: string,
  retry: (level: ProbeLevel) => Promise<ProbedOutcome>,
  signal: AbortSignal,
): Promise<{ readonly run?: ProbedRun; readonly fallbackReason?: string }> {
  const reasons = new Set<string>();
  for (const level of probeLevels) {
    if (signal.aborted) return {};
    const outcome = await (level === 'full' ? first : retry(level));
    if (outcome.ok && outcome.run.drvPath === rootPath) {
      return { run: outcome.run, ...(reasons.size > 0 ? { fallbackReason: [...reasons].join('; ') } : {}) };
    }
    reasons.add(
      outcome.ok ? 'the copies gave another root: a path or a position in them is data' : outcome.reason,
    );
    if (!outcome.ok && outcome.hopeless) break;
  }
  const fallbackReason = [...reasons].filter((reason) => reason !== '').join('; ');
  return fallbackReason === '' ? {} : { fallbackReason };
}
