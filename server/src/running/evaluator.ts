import type { EvaluationError } from '../model/evaluationError.ts';
import type { Report } from '../model/report.ts';
import type { EvaluationRequest } from '../model/target.ts';
import type { NixEnvironment } from '../nix/nixEnvironment.ts';
import type { ProbeLevel } from '../probing/probes.ts';
import { SourceFileCache } from '../probing/workspaceFiles.ts';
import type { ShellParser } from '../shell/shellParser.ts';
import type { NixParser } from '../syntax/parser.ts';
import { withDefaultArgument } from '../targets/defaultArgument.ts';
import { copyEdited, runEdited } from './editedRun.ts';
import { guarded, type NoResult } from './guardedRun.ts';
import { runPlain } from './plainRun.ts';
import { runRepaired, type RepairedClosures } from './repairedRun.ts';
import { confinedPlan, type RunOptions, type RunParts } from './runParts.ts';

export type RunOutcome = { readonly kind: 'report'; readonly report: Report } | NoResult;

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
  const told = async (
    errors: readonly EvaluationError[],
    { target }: EvaluationRequest,
  ): Promise<readonly EvaluationError[]> => {
    if (!errors.some(({ fetched }) => fetched !== undefined)) return errors;
    const parser = await parts.parser();
    return Promise.all(errors.map((error) => withDefaultArgument(error, target, parser)));
  };
  return {
    run: async (request, options) => {
      const outcome = await guarded(parts.onError, options, async (limited) => ({
        kind: 'report' as const,
        report: await runPlain(await partsOf(request, limited), sources),
      }));
      return outcome.kind === 'failed'
        ? { ...outcome, errors: await told(outcome.errors, request) }
        : outcome;
    },
    fetch: async (request, options) => {
      const outcome = await guarded(parts.onError, options, async (limited) => {
        const environment = await parts.environment(limited.signal);
        const limits = { ...limited.limits, network: 'allowed' } as const;
        const plan = await confinedPlan(request, environment, { ...limited, limits });
        await plan.instantiate(limited.signal);
        return { kind: 'fetched' } as const;
      });
      return outcome.kind === 'failed' ? told(outcome.errors, request) : [];
    },
    runEdited: (request, overlays, level, options) =>
      guarded(parts.onError, options, async (limited) => ({
        kind: 'report',
        report: await runEdited({ overlays, level }, await partsOf(request, limited), await sources()),
      })),
    rootWith: async (request, overlays, level, options) => {
      const outcome = await guarded(parts.onError, options, async (limited) => {
        const run = await partsOf(request, limited);
        return {
          kind: 'root',
          drvPath: await (await copyEdited({ overlays, level }, run, await sources())).evaluate(),
        };
      });
      return outcome.kind === 'root' ? outcome.drvPath : undefined;
    },
    runRepaired: (report, overlays, level, options) =>
      guarded(parts.onError, options, async (limited) => ({
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
