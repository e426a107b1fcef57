import { applyPolicy, type PolicedReport } from '../check/policy.ts';
import type { Report } from '../model/report.ts';
import type { RunOptions } from '../running/evaluator.ts';
import type { Fix } from '../fixes/fix.ts';
import type { EvaluationError } from '../model/evaluationError.ts';
import type { SourceSuppressions } from '../model/suppression.ts';
import type { NixConnection } from './parts.ts';
import { levelsFor, underLevels } from './policies.ts';
import { RangeTracker } from '../snapshot/rangeTracker.ts';
import type { Evaluated } from '../snapshot/snapshot.ts';
import type { Store } from './store.ts';

let lastId = 0;

/** A number for a new report; each is given once. */
function nextId(): number {
  lastId += 1;
  return lastId;
}

/** A report as its run brought it, with the suppressions of its texts. */
export interface FoundReport {
  readonly found: Report;
  readonly suppressions: SourceSuppressions;
}

/**
 * Makes a report the newest one of its evaluation.
 *
 * @param saved what the open files held on disk when its run started
 */
export function publishReport(
  store: Store,
  key: string,
  { found, suppressions }: FoundReport,
  saved: ReadonlyMap<string, string>,
  diskGeneration: number,
): void {
  const { documents } = store.snapshot;
  const ranges = RangeTracker.from(new Map([...saved, ...found.sources]), documents.values());
  const report = applyPolicy(found, levelsFor(found.request.target, store.snapshot), suppressions);
  const evaluated = { id: nextId(), found, report, fixes: [], isToBeProven: true, ranges, diskGeneration };
  store.update({ reportsId: store.snapshot.reportsId + 1 });
  store.updateEvaluation(key, { evaluated, failure: undefined, running: undefined }, 'evaluation', 'run');
}

/** Shows a report that was made before its evaluation became active. */
export function publishFormer(
  store: Store,
  key: string,
  { asOf, ...former }: Omit<Evaluated, 'id' | 'ranges'>,
): void {
  const { documents, reportsId } = store.snapshot;
  const ranges = RangeTracker.from(former.found.sources, documents.values());
  const known = underLevels(former, levelsFor(former.found.request.target, store.snapshot));
  const evaluated = { ...known, id: nextId(), ranges, ...(asOf && { asOf }) };
  store.update({ reportsId: reportsId + 1 });
  store.updateEvaluation(key, { evaluated }, 'evaluation', 'run');
}

/**
 * Answers from the reports that are there as the levels of the rules are now.
 *
 * @returns the keys of the evaluations whose report is another one than before
 */
export function applyLevels(store: Store): ReadonlySet<string> {
  const { evaluations, reportsId } = store.snapshot;
  const keys = new Set<string>();
  const changed = evaluations.map((evaluation) => {
    const { evaluated } = evaluation;
    if (!evaluated) return evaluation;
    const now = underLevels(evaluated, levelsFor(evaluated.found.request.target, store.snapshot));
    if (now === evaluated) return evaluation;
    keys.add(evaluation.key);
    return { ...evaluation, evaluated: { ...now, id: nextId() } };
  });
  if (keys.size > 0)
    store.update({ evaluations: changed, reportsId: reportsId + 1 }, 'evaluation', 'fixes', 'run');
  return keys;
}

/** Notes that the newest run of an evaluation failed; its former report stays, as an old one. */
export function publishFailure(
  store: Store,
  key: string,
  errors: readonly EvaluationError[],
  saved: ReadonlyMap<string, string>,
  nixUnavailable: boolean,
): void {
  const ranges = RangeTracker.from(saved, store.snapshot.documents.values());
  store.update({ reportsId: store.snapshot.reportsId + 1 });
  store.updateEvaluation(
    key,
    { failure: { errors, ranges, nixUnavailable }, running: undefined },
    'evaluation',
    'run',
  );
}

/** Offers the repairs of a report, and then what their evaluation showed. */
export async function findFixes(
  store: Store,
  nix: NixConnection,
  key: string,
  report: PolicedReport,
  options: RunOptions,
  takeTurn: () => Promise<Disposable>,
): Promise<void> {
  const offer = (fixes: readonly Fix[], isToBeProven: boolean): void => {
    const evaluated = store.evaluation(key)?.evaluated;
    if (options.signal.aborted || evaluated?.report !== report) return;
    store.updateEvaluation(key, { evaluated: { ...evaluated, fixes, isToBeProven } }, 'fixes');
  };
  const candidates = await nix.proposeFixes(report);
  offer(candidates, candidates.length > 0);
  if (candidates.length === 0) return;
  const turn = await takeTurn();
  try {
    options.onProgress?.('checking the repairs');
    offer(await nix.proveFixes(report, options), false);
  } finally {
    turn[Symbol.dispose]();
  }
}
