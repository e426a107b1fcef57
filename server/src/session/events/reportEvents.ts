import { applyPolicy, type PolicedReport } from '../../check/policy.ts';
import type { Fix } from '../../fixes/fix.ts';
import type { EvaluationError } from '../../model/evaluationError.ts';
import type { Report } from '../../model/report.ts';
import type { SourceSuppressions } from '../../model/suppression.ts';
import { RangeTracker } from '../../snapshot/rangeTracker.ts';
import { levelsFor } from '../policies.ts';
import { withoutAgreed } from './diskEvents.ts';
import { changed, unchanged, withEvaluation, type Handlers } from '../state.ts';

/** What files held on disk while a run read them, and the snapshot's number for that. */
export interface EvaluatedTexts {
  /** By absolute path; a report's own sources say more of its files. */
  readonly texts: ReadonlyMap<string, string>;
  readonly diskGeneration: number;
}

export interface ReportEvents {
  /** A run brought a report, with the suppressions of its texts. */
  readonly 'report-found': EvaluatedTexts & {
    readonly key: string;
    readonly found: Report;
    readonly suppressions: SourceSuppressions;
    readonly madeAt: Date;
  };
  /** A run failed; the former report stays, as an old one. */
  readonly 'evaluation-failed': EvaluatedTexts & {
    readonly key: string;
    readonly errors: readonly EvaluationError[];
    readonly nixUnavailable: boolean;
  };
  /** Repairs of a report are known, or what their evaluation showed. */
  readonly 'fixes-found': {
    readonly key: string;
    readonly report: PolicedReport;
    readonly fixes: readonly Fix[];
    readonly isToBeProven: boolean;
  };
  /** The repairs could not be proven, which is not tried again unasked. */
  readonly 'fixes-left': { readonly key: string };
}

export const reportEvents: Handlers<ReportEvents> = {
  'report-found': (state, { key, found, suppressions, texts, diskGeneration, madeAt }) => {
    const { snapshot } = state;
    const id = state.lastReportId + 1;
    const ranges = RangeTracker.from(new Map([...texts, ...found.sources]), snapshot.documents.values());
    const report = applyPolicy(found, levelsFor(found.request.target, snapshot), suppressions);
    const evaluated = { id, found, report, fixes: [], isToBeProven: true, ranges, diskGeneration, madeAt };
    const evaluations = withEvaluation(snapshot, key, () => ({
      evaluated,
      failure: undefined,
      running: undefined,
    }));
    const diskTexts = withoutAgreed({ ...snapshot, evaluations });
    return changed(
      { ...state, lastReportId: id },
      { evaluations, diskTexts, reportsId: snapshot.reportsId + 1 },
      ['evaluation', 'run'],
      [{ kind: 'keep-report', key, report: found, madeAt }, { kind: 'accompany' }],
    );
  },
  'evaluation-failed': (state, { key, errors, texts, diskGeneration, nixUnavailable }) => {
    const { snapshot } = state;
    const ranges = RangeTracker.from(texts, snapshot.documents.values());
    const failure = { errors, ranges, diskGeneration, nixUnavailable };
    const evaluations = withEvaluation(snapshot, key, () => ({ failure, running: undefined }));
    return changed(
      state,
      { evaluations, reportsId: snapshot.reportsId + 1 },
      ['evaluation', 'run'],
      [{ kind: 'accompany' }],
    );
  },
  'fixes-found': (state, { key, report, fixes, isToBeProven }) => {
    const evaluated = state.snapshot.evaluations.find((one) => one.key === key)?.evaluated;
    // They are of a report that was replaced meanwhile.
    if (evaluated?.report !== report) return unchanged(state);
    const evaluations = withEvaluation(state.snapshot, key, () => ({
      evaluated: { ...evaluated, fixes, isToBeProven },
    }));
    return changed(state, { evaluations }, ['fixes']);
  },
  'fixes-left': (state, { key }) => {
    const evaluations = withEvaluation(state.snapshot, key, ({ evaluated }) => ({
      evaluated: evaluated && { ...evaluated, isToBeProven: false },
    }));
    return changed(state, { evaluations }, ['run']);
  },
};
