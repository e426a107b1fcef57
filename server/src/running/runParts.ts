import { decodeDerivation } from '../derivation/decodeDerivation.ts';
import { LocalFiles } from '../derivation/derivationFiles.ts';
import { loadClosure } from '../derivation/loadClosure.ts';
import type { DerivationGraph } from '../model/derivationGraph.ts';
import type { EvaluationRequest } from '../model/target.ts';
import type { NixEnvironment } from '../nix/nixEnvironment.ts';
import { showDerivation } from '../nix/runShowDerivation.ts';
import { storeOfTarget } from '../nix/storeOfTarget.ts';
import { requireConfined } from '../permissions/confinement.ts';
import type { ShellParser } from '../shell/shellParser.ts';
import type { KeptEvaluations } from './keptEvaluations.ts';
import { makePlan } from './makePlan.ts';
import type { EvaluationPlan, PlanOptions } from './plan.ts';

export interface RunOptions extends PlanOptions {
  readonly signal: AbortSignal;
  /** Called with what is being done, for a progress display. */
  readonly onProgress?: (step: string) => void;
  /** Where the Nix that evaluated a target is kept for its repairs; left out: nowhere. */
  readonly kept?: KeptEvaluations;
}

/** What a run is about, and what it stands on. */
export interface RunParts {
  readonly request: EvaluationRequest;
  readonly options: RunOptions;
  readonly environment: NixEnvironment;
  readonly shellParser: () => Promise<ShellParser>;
}

/** @throws RefusedTargetError where the target is a repository's, and wants what it may not have */
export async function confinedPlan(
  request: EvaluationRequest,
  environment: NixEnvironment,
  options: PlanOptions,
): Promise<EvaluationPlan> {
  await requireConfined(request.target, options, environment.parser);
  return makePlan(request, environment, options);
}

/**
 * Reads the closure of a root that was evaluated.
 *
 * @param known a closure that was read before, and need not be read again
 */
export function readClosure(
  rootPath: string,
  { target }: EvaluationRequest,
  environment: NixEnvironment,
  { signal, limits }: RunOptions,
  known?: DerivationGraph,
): Promise<DerivationGraph> {
  const store = storeOfTarget(target, environment);
  return loadClosure(rootPath, {
    signal,
    ...(known && { known }),
    files: new LocalFiles(store.folder),
    fallback: async (drvPath) =>
      decodeDerivation(
        await showDerivation(environment.nix, drvPath, { ...limits, signal }, store.options),
        drvPath,
      ),
  });
}
