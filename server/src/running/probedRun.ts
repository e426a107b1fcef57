import { NixFailure } from '../nix/failure.ts';
import type { SourceFile } from '../syntax/sourceFile.ts';
import type { KeptNix } from '../nix/warm/keptNix.ts';
import { evaluateKept } from './keptRun.ts';
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
  /** The Nix that evaluated it and stays, and the file in which; absent where another one did. */
  readonly kept?: { readonly nix: KeptNix; readonly file: string };
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
  layout: WorkspaceLayout,
  files: ReadonlyMap<string, SourceFile>,
  level: ProbeLevel,
  signal: AbortSignal,
  kept?: KeptNix,
): Promise<ProbedOutcome> {
  try {
    const copied = { files, layout, level, report: true };
    const byKept = await evaluateKept(kept, plan, copied, signal);
    if (byKept && kept) {
      const { drvPath, traces, copies, file } = byKept;
      const { nonce, probes, readers } = copies;
      return {
        ok: true,
        run: { drvPath, traces, nonce, level, probes, readers, kept: { nix: kept, file } },
      };
    }
    await using copies = await writeCopies(files, layout, level, true, signal);
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

/** What came of probed evaluations. */
export interface SettledProbes {
  readonly run?: ProbedRun;
  readonly fallbackReason?: string;
}

/**
 * Takes the first probed evaluation that gives the plain one's root: the one
 * that is under way, else those with fewer probes, one after the other. Where a
 * Nix that stays gives another root at all levels, another Nix has to tell.
 *
 * @param cold as `retry`, by a Nix of its own; left out where `retry` does that
 */
export async function settleProbed(
  first: Promise<ProbedOutcome>,
  rootPath: string,
  retry: (level: ProbeLevel) => Promise<ProbedOutcome>,
  signal: AbortSignal,
  cold?: (level: ProbeLevel) => Promise<ProbedOutcome>,
): Promise<SettledProbes> {
  const reasons = new Set<string>();
  let isByKept = false;
  for (const level of probeLevels) {
    if (signal.aborted) return {};
    const outcome = await (level === 'full' ? first : retry(level));
    if (outcome.ok && outcome.run.drvPath === rootPath) {
      const { run } = outcome;
      if (run.kept) run.kept.nix.confirmed = run.kept.file;
      return { run, ...(reasons.size > 0 ? { fallbackReason: [...reasons].join('; ') } : {}) };
    }
    isByKept ||= outcome.ok && outcome.run.kept !== undefined;
    reasons.add(
      outcome.ok ? 'the copies gave another root: a path or a position in them is data' : outcome.reason,
    );
    if (!outcome.ok && outcome.hopeless) break;
  }
  if (isByKept && cold) return settleProbed(cold('full'), rootPath, cold, signal);
  const fallbackReason = [...reasons].filter((reason) => reason !== '').join('; ');
  return fallbackReason === '' ? {} : { fallbackReason };
}
