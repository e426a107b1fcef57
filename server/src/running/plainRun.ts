import type { Report } from '../model/report.ts';
import type { SourceFileCache } from '../probing/workspaceFiles.ts';
import { startKept } from './keptRun.ts';
import { storeOfTarget } from '../nix/storeOfTarget.ts';
import { evaluatedSystem } from './judgeRun.ts';
import { observe, startProbing } from './observeRun.ts';
import { withImportedSystem } from './refusedImport.ts';
import { reportOn } from './reportOn.ts';
import { confinedPlan, readClosure, type RunParts } from './runParts.ts';

/** Evaluates a target as it stands, judges its closure, and finds the source of what is wrong in it. */
export async function runPlain(
  parts: RunParts,
  sourceCache: () => Promise<SourceFileCache>,
): Promise<Report> {
  const { request, options, environment } = parts;
  const started = performance.now();
  const timings = new Map<string, number>();
  const mark = (step: string): void => void timings.set(step, Math.round(performance.now() - started));

  options.onProgress?.('evaluating');
  const plan = await confinedPlan(request, environment, options);
  // The plain evaluation is the authority; the probed one runs beside it and only adds what it sees.
  const abandoned = new AbortController();
  const signal = AbortSignal.any([options.signal, abandoned.signal]);
  const probing = startProbing(plan, sourceCache, signal, () => startKept(parts));
  const rootPath = await plan.instantiate(options.signal).catch(async (error: unknown) => {
    abandoned.abort();
    // Its processes and copies are gone before the person is told.
    await (
      await probing
    ).first;
    const { folder } = storeOfTarget(request.target, environment);
    throw await withImportedSystem(error, evaluatedSystem(request, environment), folder);
  });
  mark('instantiated');

  options.onProgress?.('reading the closure');
  const closure = await readClosure(rootPath, request, environment, options);
  mark('closure read');

  options.onProgress?.('finding the source');
  const observed = await observe(probing, rootPath, closure, options.signal);
  mark('observed');
  return reportOn(closure, observed, parts, { mark, timings });
}
