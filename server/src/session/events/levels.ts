import { levelsFor, underLevels } from '../policies.ts';
import { changed, unchanged, type SessionState, type Step } from '../state.ts';

/**
 * Answers from the reports that are there as the levels of the rules are now:
 * that needs no new evaluation, but repairs may have to be proven.
 */
export function applyLevels(state: SessionState): Step {
  const { snapshot } = state;
  let { lastReportId } = state;
  const keys = new Set<string>();
  const evaluations = snapshot.evaluations.map((evaluation) => {
    const { evaluated } = evaluation;
    if (!evaluated) return evaluation;
    const now = underLevels(evaluated, levelsFor(evaluated.found.request.target, snapshot));
    if (now === evaluated) return evaluation;
    keys.add(evaluation.key);
    lastReportId += 1;
    return { ...evaluation, evaluated: { ...now, id: lastReportId } };
  });
  if (keys.size === 0) return unchanged(state);
  const reportsId = snapshot.reportsId + 1;
  return changed(
    { ...state, lastReportId },
    { evaluations, reportsId },
    ['evaluation', 'fixes', 'run'],
    [{ kind: 'prove-again', keys }],
  );
}
