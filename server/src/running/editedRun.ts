import type { Report } from '../model/report.ts';
import { writeCopies } from '../probing/copies.ts';
import type { ProbeLevel } from '../probing/probes.ts';
import type { SourceFileCache } from '../probing/workspaceFiles.ts';
import { evaluateKept } from './keptRun.ts';
import { observedFiles } from './observedFiles.ts';
import { observe, type Probing } from './observeRun.ts';
import { runProbed } from './probedRun.ts';
import { reportOn } from './reportOn.ts';
import { confinedPlan, readClosure, type RunParts } from './runParts.ts';

/** Texts in the place of those on disk, and the level at which copies gave the right root. */
export interface EditedFiles {
  readonly overlays: ReadonlyMap<string, string>;
  readonly level: ProbeLevel;
}

/** What is evaluated where some files have other texts. */
export async function copyEdited(
  { overlays, level }: EditedFiles,
  { request, options, environment }: RunParts,
  sourceCache: SourceFileCache,
) {
  const { signal } = options;
  const plan = await confinedPlan(request, environment, options);
  const { layout, files } = await observedFiles(plan, overlays, () => Promise.resolve(sourceCache), signal);
  /** Returns the root; its closure is in the store then. */
  const evaluate = async (): Promise<string> => {
    const kept = options.kept?.of(request);
    // Before it gave the right root of the files as they stand, it is asked nothing.
    const copied = { files, layout, level, report: false };
    const root = kept?.confirmed !== undefined ? await evaluateKept(kept, plan, copied, signal) : undefined;
    if (root) return root.drvPath;
    await using copies = await writeCopies(files, layout, level, false, signal);
    return (await plan.evaluateCopies(copies, true, signal)).drvPath;
  };
  return { plan, layout, files, evaluate };
}

/** As a run of a target as it stands, with other texts in the place of some files. */
export async function runEdited(
  edited: EditedFiles,
  parts: RunParts,
  sourceCache: SourceFileCache,
): Promise<Report> {
  const { signal } = parts.options;
  const copied = await copyEdited(edited, parts, sourceCache);
  const { plan, layout, files } = copied;
  // As of files on disk: one evaluation writes what is read then, and the probed one beside it is looked at.
  const first = runProbed(plan, layout, files, edited.level, signal);
  const [drvPath] = await Promise.all([copied.evaluate(), first]);
  const graph = await readClosure(drvPath, parts.request, parts.environment, parts.options);
  const retry: Probing['retry'] = () => Promise.resolve({ ok: false, reason: '', hopeless: true });
  const observed = await observe(Promise.resolve({ files, first, retry }), drvPath, graph, signal);
  return reportOn(graph, observed, parts, { mark: () => undefined, timings: new Map() });
}
