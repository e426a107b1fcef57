import { applyPolicy } from '../../check/policy.ts';
import type { SourceSuppressions } from '../../model/suppression.ts';
import { RangeTracker } from '../../snapshot/rangeTracker.ts';
import { hasOutcome, isStale, type Evaluated, type Evaluation } from '../../snapshot/snapshot.ts';
import type { KeptReport } from '../../storage/reportCodec.ts';
import { levelsFor, underLevels } from '../policies.ts';
import {
  changed,
  otherFiles,
  unchanged,
  withEvaluation,
  type Action,
  type Handlers,
  type SessionState,
  type Step,
} from '../state.ts';

export interface RecallEvents {
  /** The storage had a report of an evaluation. */
  readonly 'kept-report-read': {
    readonly kept: KeptReport;
    readonly suppressions: SourceSuppressions;
    /** The files hold what was evaluated then; undefined where they do not. */
    readonly diskGeneration: number | undefined;
  };
}

/** Reports that are kept in memory, active ones included. */
const mostInMemory = 6;

export const recallEvents: Handlers<RecallEvents> = {
  'kept-report-read': (state, { kept, suppressions, diskGeneration = otherFiles }) => {
    const { key, report: found, madeAt } = kept;
    const evaluation = state.snapshot.evaluations.find((one) => one.key === key);
    if (!state.snapshot.trusted || !evaluation || evaluation.evaluated) return unchanged(state);
    const former = { fixes: [], isToBeProven: true, diskGeneration, madeAt, asOf: madeAt };
    const report = applyPolicy(found, levelsFor(found.request.target, state.snapshot), suppressions);
    return show(state, new Map([[key, { ...former, found, report }]]));
  },
};

/** Remembers the reports of evaluations that are not active any more. */
export function rememberLeaving(state: SessionState, after: readonly Evaluation[]): SessionState {
  const { snapshot } = state;
  const stay = new Set(after.map(({ key }) => key));
  const remembered = new Map(state.remembered);
  for (const evaluation of snapshot.evaluations) {
    const { key, evaluated } = evaluation;
    if (stay.has(key) || !evaluated) continue;
    remembered.delete(key);
    remembered.set(
      key,
      isStale(evaluation, snapshot) ? { ...evaluated, diskGeneration: otherFiles } : evaluated,
    );
  }
  const active = after.filter(({ evaluated }) => evaluated).length;
  const forgotten = [...remembered.keys()].slice(0, Math.max(0, remembered.size + active - mostInMemory));
  for (const key of forgotten) remembered.delete(key);
  const asked = new Set([...state.asked].filter((key) => !forgotten.includes(key)));
  return { ...state, remembered, asked };
}

/**
 * Shows former reports of evaluations that have none: those of this session,
 * and those that the storage has of former ones. Nothing is read or shown in
 * an untrusted workspace, nor before the settings are known.
 *
 * A report of this session is as good as new while no file has changed since.
 * Any other one bears its time, and the run that follows replaces it.
 */
export function recallReports(state: SessionState): Step {
  const { snapshot, remembered, isConfigured } = state;
  if (!isConfigured || !snapshot.trusted) return unchanged(state);
  const without = snapshot.evaluations.filter(({ evaluated, failure }) => !evaluated && !failure);
  const back = new Map<string, Omit<Evaluated, 'id' | 'ranges'>>();
  const asked = new Set(state.asked);
  const actions: Action[] = [];
  for (const { key } of without) {
    const evaluated = remembered.get(key);
    if (evaluated) {
      const isAsNew =
        hasOutcome({ evaluated, failure: undefined }) && evaluated.diskGeneration === snapshot.diskGeneration;
      back.set(key, isAsNew ? evaluated : { ...evaluated, asOf: evaluated.madeAt });
    } else if (!asked.has(key)) {
      asked.add(key);
      actions.push({ kind: 'read-kept-report', key, diskGeneration: snapshot.diskGeneration });
    }
  }
  const left = [...remembered].filter(([key]) => !back.has(key));
  const { state: next, aspects } = show({ ...state, asked, remembered: new Map(left) }, back);
  return { state: next, aspects, actions };
}

/** Shows reports that were made before their evaluations became active. */
function show(state: SessionState, former: ReadonlyMap<string, Omit<Evaluated, 'id' | 'ranges'>>): Step {
  if (former.size === 0) return unchanged(state);
  const { snapshot } = state;
  let { lastReportId } = state;
  let evaluations = snapshot.evaluations;
  for (const [key, known] of former) {
    lastReportId += 1;
    const { found } = known;
    const ranges = RangeTracker.from(found.sources, snapshot.documents.values());
    const judged = underLevels(known, levelsFor(found.request.target, snapshot));
    const evaluated = { ...judged, id: lastReportId, ranges };
    evaluations = withEvaluation({ evaluations }, key, () => ({ evaluated }));
  }
  const reportsId = snapshot.reportsId + 1;
  return changed({ ...state, lastReportId }, { evaluations, reportsId }, ['evaluation', 'run']);
}
