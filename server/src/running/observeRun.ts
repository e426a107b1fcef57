import type { DerivationGraph } from '../model/derivationGraph.ts';
import type { Report } from '../model/report.ts';
import { inSlices } from '../model/slices.ts';
import { gatherObservations, gatherReadFiles, type ProbeFindings } from '../probing/observe.ts';
import { probeLevels, type ProbeLevel } from '../probing/probes.ts';
import type { SourceFileCache } from '../probing/workspaceFiles.ts';
import type { SourceFile } from '../syntax/sourceFile.ts';
import type { KeptNix } from '../nix/warm/keptNix.ts';
import { observedFiles } from './observedFiles.ts';
import type { EvaluationPlan } from './plan.ts';
import { firstLine, runProbed, settleProbed } from './probedRun.ts';

/** A probed evaluation that is under way. */
export interface Probing {
  readonly files: ReadonlyMap<string, SourceFile>;
  readonly retry: (level: ProbeLevel) => ReturnType<typeof runProbed>;
  /** As `retry`, without the Nix that stays; absent where there is none. */
  readonly cold?: (level: ProbeLevel) => ReturnType<typeof runProbed>;
  readonly first: ReturnType<typeof runProbed>;
}

/**
 * Starts the probed evaluation. Never rejects: without observations, a report still is one.
 *
 * @param start starts the Nix that evaluates it and stays, where one is wanted
 */
export async function startProbing(
  plan: EvaluationPlan,
  sourceCache: () => Promise<SourceFileCache>,
  signal: AbortSignal,
  start: () => Promise<KeptNix | undefined>,
): Promise<Probing> {
  try {
    const { layout, files } = await observedFiles(plan, new Map(), sourceCache, signal);
    if (files.size === 0) return without(undefined);
    const kept = plan.keptExpression && (await start());
    const retry: Probing['retry'] = (level) => runProbed(plan, layout, files, level, signal, kept);
    const cold: Probing['retry'] = (level) => runProbed(plan, layout, files, level, signal);
    return { files, retry, first: retry('full'), ...(kept && { cold }) };
  } catch (error) {
    return without(firstLine(error));
  }
}

const noFiles: ReadonlyMap<string, SourceFile> = new Map();

/** Nothing can be observed: there are no files of the workspace, or they cannot be told. */
function without(reason: string | undefined): Probing {
  const first = Promise.resolve({ ok: false, reason: reason ?? '', hopeless: true } as const);
  return { files: noFiles, retry: () => first, first };
}

/** What a probed evaluation told of the expressions of its files. */
export interface ObservedRun {
  readonly sources: ReadonlyMap<string, SourceFile>;
  /** Undefined where nothing could be observed. */
  readonly filesRead: readonly string[] | undefined;
  readonly findings: ProbeFindings;
  readonly probes: Report['probes'];
}

/** Waits for the probed evaluation, and for those that ask for less where it came to another root. */
export async function observe(
  probing: Promise<Probing>,
  rootPath: string,
  graph: DerivationGraph,
  signal: AbortSignal,
): Promise<ObservedRun> {
  const { files, first, retry, cold } = await probing;
  const nothing: ProbeFindings = { observations: [], usedDefaults: [], platforms: new Map(), fired: 0 };
  const { run, fallbackReason } = await settleProbed(first, rootPath, retry, signal, cold);
  const findings = run
    ? await inSlices(gatherObservations(run.traces, run.nonce, run.probes, files, graph), signal)
    : nothing;
  return {
    sources: files,
    filesRead: run && (await inSlices(gatherReadFiles(run.traces, run.nonce, run.readers), signal)),
    findings,
    probes: {
      placed: run?.probes.size ?? 0,
      fired: findings.fired,
      files: files.size,
      ...(run ? { level: probeLevels.indexOf(run.level) } : {}),
      ...(fallbackReason ? { fallbackReason } : {}),
    },
  };
}
