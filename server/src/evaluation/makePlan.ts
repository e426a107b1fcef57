import type { EvaluationRequest } from '../model/target.ts';
import type { NixEnvironment } from './environment.ts';
import { filePlan } from './filePlan.ts';
import { flakePlan } from './flakePlan.ts';
import type { EvaluationPlan, RunLimits } from './plan.ts';

/** What a plan needs to know of the run. */
export interface PlanOptions {
  /** Absolute paths; the one that contains the target's file is its workspace. */
  readonly workspaceRoots: readonly string[];
  /** What relative paths in arguments and on the search path are relative to. */
  readonly directory: string;
  readonly limits: RunLimits;
}

/** Chooses how a target is evaluated. */
export function makePlan(
  request: EvaluationRequest,
  environment: NixEnvironment,
  options: PlanOptions,
): EvaluationPlan {
  const { target, evaluateAs } = request;
  switch (target.kind) {
    case 'file':
      return filePlan(target, evaluateAs, environment, options);
    case 'flake':
      return flakePlan(target, evaluateAs, environment, options);
    case 'derivation':
      return derivationPlan(target.drvPath);
  }
}

/** A derivation that exists already: nothing is evaluated and nothing can be observed. */
function derivationPlan(drvPath: string): EvaluationPlan {
  return {
    workspace: () => Promise.resolve({ layout: { root: '/', evaluatedRoot: '/' }, entries: [] }),
    instantiate: () => Promise.resolve(drvPath),
    evaluateCopies: () =>
      Promise.reject(new Error('a derivation that exists already has no source to evaluate')),
  };
}
