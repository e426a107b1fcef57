import type { EvaluationErrorAction } from '../model/evaluationError.ts';
import { chosenEvaluations, type Evaluation, type Snapshot } from './snapshot.ts';

/** What a program can do about a failure, with what failed. */
export type PossibleAction = EvaluationErrorAction & { readonly message: string };

/** What can be done about what failed: first about chosen targets, then about a search for some; each once. */
export function failureActions(snapshot: Snapshot): PossibleAction[] {
  return actionsOf(chosenEvaluations(snapshot), snapshot);
}

function actionsOf(evaluations: readonly Evaluation[], snapshot: Snapshot): PossibleAction[] {
  const actions = new Map<string, PossibleAction>();
  const add = (action: EvaluationErrorAction | undefined, message: string): void => {
    const key = action && JSON.stringify(action);
    if (action && key !== undefined && !actions.has(key)) actions.set(key, { ...action, message });
  };
  for (const { failure } of evaluations)
    for (const { action, message } of failure?.errors ?? []) add(action, message);
  add(snapshot.searchAction, snapshot.searchProblem ?? '');
  return [...actions.values()];
}

/** What can be fetched, in a trusted workspace: the inputs of this flake, or whatever is missing. */
export function fetchActions(snapshot: Snapshot, flake: string | undefined): PossibleAction[] {
  if (!snapshot.trusted) return [];
  // Also of files that are evaluated for themselves.
  return actionsOf(snapshot.evaluations, snapshot).filter(
    (action) =>
      (action.kind === 'fetch' && flake === undefined) ||
      (action.kind === 'fetch-inputs' && (flake === undefined || action.flake === flake)),
  );
}
