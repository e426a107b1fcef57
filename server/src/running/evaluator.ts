import { attributeLeaks } from '../attribution/attributeLeaks.ts';
import { isForeignTo } from '../check/foreign.ts';
import type { ScriptTexts } from '../check/scripts/derivationScripts.ts';
import type { Judgement } from '../model/judgement.ts';
import type { Report } from '../model/report.ts';
import type { EvaluationError } from '../model/evaluationError.ts';
import { LocalFiles } from '../derivation/derivationFiles.ts';
import { inSlices } from '../model/slices.ts';
import type { DerivationId } from '../model/derivation.ts';
import type { DerivationGraph } from '../model/derivationGraph.ts';
import { loadClosure } from '../derivation/loadClosure.ts';
import type { EvaluationRequest } from '../model/target.ts';
import { Deadline } from '../nix/deadline.ts';
import { describeFailure } from '../nix/describeFailure.ts';
import { MemoryBudget } from '../nix/process/memoryBudget.ts';
import type { ShellParser } from '../shell/shellParser.ts';
import type { NixParser } from '../syntax/parser.ts';
import { writeCopies } from '../probing/copies.ts';
import { decodeDerivation } from '../derivation/decodeDerivation.ts';
import { showDerivation } from '../nix/runShowDerivation.ts';
import type { NixEnvironment } from '../nix/nixEnvironment.ts';
import { evaluatedSystem, judgeRun } from './judgeRun.ts';
import { makePlan } from './makePlan.ts';
import type { EvaluationPlan, PlanOptions } from './plan.ts';
import { requireConfined } from '../permissions/confinement.ts';
import { observe, startProbing, type ObservedRun, type Probing } from './observeRun.ts';
import { runProbed } from './probedRun.ts';
import type { ProbeLevel } from '../probing/probes.ts';
import { storeOfTarget } from '../nix/storeOfTarget.ts';
import { StoreTexts } from './storeTexts.ts';
import { collectWorkspaceFiles, SourceFileCache } from '../probing/workspaceFiles.ts';

export interface RunOptions extends PlanOptions {
  readonly signal: AbortSignal;
  /** Called with what is being done, for a progress display. */
  readonly onProgress?: (step: string) => void;
}

/** Why there is no result. */
type NoResult =
  | { readonly kind: 'failed'; readonly errors: readonly EvaluationError[] }
  | { readonly kind: 'cancelled' };

export type RunOutcome = { readonly kind: 'report'; readonly report: Report } | NoResult;

/** A closure with its judgement, and what its builders are given. */
export interface JudgedClosure extends Pick<Report, 'graph' | 'judgement'> {
  /** Undefined where the .drv cannot be read. */
  readonly scriptOf: ScriptTexts['scriptOf'];
}

/** A closure, and what the repaired source evaluates to. */
export interface RepairedClosures {
  readonly before: JudgedClosure;
  readonly after: JudgedClosure;
}

export type RepairOutcome = { readonly kind: 'closures'; readonly closures: RepairedClosures } | NoResult;

/** Evaluates targets. Made once per process: it remembers parsed files. */
export interface Evaluator {
  /** One run. Never throws for what the person's code or machine does wrong. */
  run(request: EvaluationRequest, options: RunOptions): Promise<RunOutcome>;
  /**
   * Evaluates a target as it stands, once, with the network: what is missing is
   * in Nix's cache then, where {@link Evaluator.run} finds it. Only for a person
   * who has asked for it.
   *
   * @returns why it failed; empty where it did not, or was cancelled
   */
  fetch(request: EvaluationRequest, options: RunOptions): Promise<readonly EvaluationError[]>;
  /**
   * One run of a target as if some files had other texts. It is seen in copies
   * alone: where nothing can be observed, there is no result.
   *
   * @param overlays the texts, by absolute path
   * @param level the level at which copies gave the right root
   */
  runEdited(
    request: EvaluationRequest,
    overlays: ReadonlyMap<string, string>,
    level: ProbeLevel,
    options: RunOptions,
  ): Promise<RunOutcome>;
  /**
   * Evaluates a target with other texts in the place of some files.
   *
   * @param level the level at which the unchanged copies gave the right root
   * @returns its root derivation's path; undefined where there is none
   */
  rootWith(
    request: EvaluationRequest,
    overlays: ReadonlyMap<string, string>,
    level: ProbeLevel,
    options: RunOptions,
  ): Promise<string | undefined>;
  /**
   * Evaluates the target of a report with other texts in the place of some files
   * and judges what comes out; nothing is observed. For the proof of a repair:
   * of what stays as it was, scripts are not judged again.
   *
   * @param overlays the texts, by absolute path
   * @param level the level at which the unrepaired copies gave the right root
   */
  runRepaired(
    report: Pick<Report, 'request' | 'graph' | 'judgement'>,
    overlays: ReadonlyMap<string, string>,
    level: ProbeLevel,
    options: RunOptions,
  ): Promise<RepairOutcome>;
}

/** What the evaluator stands on; each is asked for only when a run needs it. */
export interface EvaluatorParts {
  readonly parser: () => Promise<NixParser>;
  readonly shellParser: () => Promise<ShellParser>;
  /** @throws NixUnavailableError */
  readonly environment: (signal: AbortSignal) => Promise<NixEnvironment>;
  /** Is told of each error that becomes a failed outcome: whoever debugs wants its stack. */
  readonly onError?: (error: unknown) => void;
}

export function createEvaluator(parts: EvaluatorParts): Evaluator {
  let cache: Promise<SourceFileCache> | undefined;
  const sources = (): Promise<SourceFileCache> =>
    (cache ??= parts.parser().then((parser) => new SourceFileCache(parser)));
  const partsOf = async (request: EvaluationRequest, options: RunOptions): Promise<RunParts> => ({
    request,
    options,
    environment: await parts.environment(options.signal),
    shellParser: parts.shellParser,
  });
  return {
    run: (request, options) =>
      guarded(parts, options, async (limited) => ({
        kind: 'report',
        report: await runOnce(
          request,
          limited,
          await parts.environment(limited.signal),
          sources,
          parts.shellParser,
        ),
      })),
    fetch: async (request, options) => {
      const outcome = await guarded(parts, options, async (limited) => {
        const environment = await parts.environment(limited.signal);
        const limits = { ...limited.limits, network: 'allowed' } as const;
        const plan = await confinedPlan(request, environment, { ...limited, limits });
        await plan.instantiate(limited.signal);
        return { kind: 'fetched' } as const;
      });
      return outcome.kind === 'failed' ? outcome.errors : [];
    },
    runEdited: (request, overlays, level, options) =>
      guarded(parts, options, async (limited) => ({
        kind: 'report',
        report: await runEdited({ overlays, level }, await partsOf(request, limited), await sources()),
      })),
    rootWith: async (request, overlays, level, options) => {
      const outcome = await guarded(parts, options, async (limited) => {
        const run = await partsOf(request, limited);
        return {
          kind: 'root',
          drvPath: await (await copyEdited({ overlays, level }, run, await sources())).evaluate(),
        };
      });
      return outcome.kind === 'root' ? outcome.drvPath : undefined;
    },
    runRepaired: (report, overlays, level, options) =>
      guarded(parts, options, async (limited) => ({
        kind: 'closures',
        closures: await runRepaired(
          report,
          { overlays, level },
          await partsOf(report.request, limited),
          await sources(),
        ),
      })),
  };
}

/** Turns what may go wrong into an outcome, and holds the whole work to one limit of time and one of memory. */
async function guarded<Result>(
  { onError }: Pick<EvaluatorParts, 'onError'>,
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

/** @throws RefusedTargetError where the target is a repository's, and wants what it may not have */
async function confinedPlan(
  request: EvaluationRequest,
  environment: NixEnvironment,
  options: PlanOptions,
): Promise<EvaluationPlan> {
  await requireConfined(request.target, options, environment.parser);
  return makePlan(request, environment, options);
}

async function runOnce(
  request: EvaluationRequest,
  options: RunOptions,
  environment: NixEnvironment,
  sourceCache: () => Promise<SourceFileCache>,
  shellParser: EvaluatorParts['shellParser'],
): Promise<Report> {
  const started = performance.now();
  const timings = new Map<string, number>();
  const mark = (step: string): void => void timings.set(step, Math.round(performance.now() - started));

  options.onProgress?.('evaluating');
  const plan = await confinedPlan(request, environment, options);
  // The plain evaluation is the authority; the probed one runs beside it and only adds what it sees.
  const abandoned = new AbortController();
  const signal = AbortSignal.any([options.signal, abandoned.signal]);
  const probing = startProbing(plan, sourceCache, signal);
  const rootPath = await plan.instantiate(options.signal).catch(async (error: unknown) => {
    abandoned.abort();
    // Its processes and copies are gone before the person is told.
    await (
      await probing
    ).first;
    throw error;
  });
  mark('instantiated');

  options.onProgress?.('reading the closure');
  const closure = await readClosure(rootPath, request, environment, options);
  mark('closure read');

  options.onProgress?.('finding the source');
  const observed = await observe(probing, rootPath, closure, options.signal);
  mark('observed');
  return reportOn(closure, observed, { request, options, environment, shellParser }, { mark, timings });
}

/** What a run is about, and what it stands on. */
interface RunParts {
  readonly request: EvaluationRequest;
  readonly options: RunOptions;
  readonly environment: NixEnvironment;
  readonly shellParser: EvaluatorParts['shellParser'];
}

/** Judges a closure, and finds the source of what is wrong in it. */
async function reportOn(
  closure: DerivationGraph,
  { sources, filesRead, findings, probes }: ObservedRun,
  { request, options, environment, shellParser }: RunParts,
  { mark, timings }: { readonly mark: (step: string) => void; readonly timings: ReadonlyMap<string, number> },
): Promise<Report> {
  // Only now: what was evaluated makes sure of what was inferred.
  const graph = closure.withPlatforms(findings.platforms);
  const { judgement, context, builders } = await judgeRun(
    graph,
    request,
    environment,
    shellParser,
    options.signal,
  );
  mark('judged');

  const evaluatedAs = evaluatedSystem(request, environment);
  const attributing = attributeLeaks(
    judgement.leaks,
    graph,
    {
      sources,
      observations: findings.observations,
      usedDefaults: findings.usedDefaults,
      givenArguments: givenArguments(request),
      evaluatedAs,
    },
    isForeignTo(graph, context),
  );
  const attributed = await inSlices(attributing, options.signal);
  mark('attributed');
  return {
    request,
    evaluatedAs,
    graph,
    judgement,
    ...attributed,
    observations: findings.observations,
    usedDefaults: findings.usedDefaults,
    probes,
    timings,
    sources: new Map([...sources].map(([file, source]) => [file, source.text])),
    ...(filesRead && { filesRead }),
    context,
    ...(builders && { builders }),
  };
}

async function runEdited(
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

async function runRepaired(
  { graph: unrepaired, judgement: ofUnrepaired }: Pick<Report, 'graph' | 'judgement'>,
  edited: EditedFiles,
  parts: RunParts,
  sourceCache: SourceFileCache,
): Promise<RepairedClosures> {
  const { request, options, environment, shellParser } = parts;
  const drvPath = await (await copyEdited(edited, parts, sourceCache)).evaluate();
  const graph = await readClosure(drvPath, request, environment, options);
  // What stayed as it was is as right or wrong as before, and nothing that changed is used by it.
  const isNew = (id: DerivationId): boolean =>
    unrepaired.findByDrvPath(graph.derivation(id).drvPath) === undefined;
  const { judgement } = await judgeRun(graph, request, environment, shellParser, options.signal, isNew);
  const { folder } = storeOfTarget(request.target, environment);
  const closureOf = (of: DerivationGraph, judged: Judgement): JudgedClosure => ({
    graph: of,
    judgement: judged,
    scriptOf: new StoreTexts(of, folder).scriptOf,
  });
  return { before: closureOf(unrepaired, ofUnrepaired), after: closureOf(graph, judgement) };
}

/** Texts in the place of those on disk, and the level at which copies gave the right root. */
interface EditedFiles {
  readonly overlays: ReadonlyMap<string, string>;
  readonly level: ProbeLevel;
}

/** What is evaluated where some files have other texts. */
async function copyEdited(
  { overlays, level }: EditedFiles,
  { request, options, environment }: RunParts,
  sourceCache: SourceFileCache,
) {
  const { signal } = options;
  const plan = await confinedPlan(request, environment, options);
  const { layout, entries } = await plan.workspace(signal);
  const edited = { ...layout, overlays };
  const files = await collectWorkspaceFiles(entries, edited, sourceCache);
  /** Returns the root; its closure is in the store then. */
  const evaluate = async (): Promise<string> => {
    await using copies = await writeCopies(files, edited, level, false, signal);
    return (await plan.evaluateCopies(copies, true, signal)).drvPath;
  };
  return { plan, layout, files, evaluate };
}

function readClosure(
  rootPath: string,
  { target }: EvaluationRequest,
  environment: NixEnvironment,
  { signal, limits }: RunOptions,
): Promise<DerivationGraph> {
  const store = storeOfTarget(target, environment);
  return loadClosure(rootPath, {
    signal,
    files: new LocalFiles(store.folder),
    fallback: async (drvPath) =>
      decodeDerivation(
        await showDerivation(environment.nix, drvPath, { ...limits, signal }, store.options),
        drvPath,
      ),
  });
}

function givenArguments({ target }: EvaluationRequest): ReadonlySet<string> {
  if (target.kind === 'derivation') return new Set();
  return new Set([...target.arguments.arg, ...target.arguments.argstr].map(([name]) => name));
}
