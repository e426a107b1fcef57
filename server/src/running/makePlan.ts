import type { EvaluationRequest } from '../model/target.ts';
import type { NixEnvironment } from '../nix/nixEnvironment.ts';
import { composedPlan, expressionPlan } from './expressionPlan.ts';
import { filePlan } from './filePlan.ts';
import { flakePlan } from './flakePlan.ts';
import type { EvaluationPlan, PlanOptions } from './plan.ts';

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
    case 'expression':
      return expressionPlan(target, evaluateAs, environment, options);
    case 'composed':
      return composedPlan(target, evaluateAs, environment, options);
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
