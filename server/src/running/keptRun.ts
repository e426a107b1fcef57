import { KeptNix, type KeptRoot } from '../nix/warm/keptNix.ts';
import { NixFailure } from '../nix/failure.ts';
import type { MemoryBudget } from '../nix/process/memoryBudget.ts';
import { writeCopies, type WorkspaceCopies } from '../probing/copies.ts';
import type { ProbeLevel } from '../probing/probes.ts';
import type { WorkspaceLayout } from '../probing/workspaceFiles.ts';
import type { SourceFile } from '../syntax/sourceFile.ts';
import type { CopiesOutcome, EvaluationPlan } from './plan.ts';
import type { RunParts } from './runParts.ts';

/** Copies of a target's files. */
export interface CopiedFiles {
  readonly files: ReadonlyMap<string, SourceFile>;
  readonly layout: WorkspaceLayout;
  readonly level: ProbeLevel;
  readonly report: boolean;
}

/**
 * Starts a Nix that stays for the evaluations of the target's repairs.
 *
 * @returns undefined where nobody wants one, or none can be started
 */
export async function startKept({ request, options, environment }: RunParts): Promise<KeptNix | undefined> {
  const { kept, limits, directory } = options;
  const { target, evaluateAs } = request;
  const memory: MemoryBudget | undefined = limits.memory;
  if (!kept || !memory || limits.network === 'allowed' || target.kind === 'derivation') return undefined;
  try {
    const nix = await KeptNix.start(environment.nix, {
      cwd: directory,
      memory,
      allowImportFromDerivation: limits.allowImportFromDerivation,
      arguments: target.arguments,
      ...(evaluateAs !== undefined && { evaluateAs }),
    });
    kept.keep(request, nix);
    return nix;
  } catch (error) {
    // Without it everything takes longer, and nothing else is lost.
    if (error instanceof NixFailure) return undefined;
    throw error;
  }
}

interface KeptOutcome extends CopiesOutcome {
  readonly copies: Omit<WorkspaceCopies, 'copyOf' | 'context'>;
  /** See {@link KeptRoot}. */
  readonly file: KeptRoot['file'];
}

/**
 * Evaluates copies by a Nix that stays.
 *
 * @returns undefined where it cannot tell: then another one has to
 */
export async function evaluateKept(
  nix: KeptNix | undefined,
  plan: EvaluationPlan,
  { files, layout, level, report }: CopiedFiles,
  signal: AbortSignal,
): Promise<KeptOutcome | undefined> {
  if (!nix?.isAlive || !plan.keptExpression) return undefined;
  await using copies = await writeCopies(files, layout, level, report, signal, {
    previous: nix.confirmed,
  });
  try {
    const expression = await plan.keptExpression(copies, signal);
    if (expression === undefined) return undefined;
    const answer = await nix.evaluate(expression, copies.nonce, signal);
    if (typeof answer?.drvPath !== 'string') return undefined;
    return { drvPath: answer.drvPath, traces: answer.traces, file: answer.file, copies };
  } catch (error) {
    // What it fails at, another one tells better.
    if (error instanceof NixFailure) return undefined;
    throw error;
  }
}
