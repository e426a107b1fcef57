import type { SystemDependence } from '../../attribution/findSystemDependence.ts';
import {
  judgedEvaluations,
  type JudgedEvaluation,
  type Snapshot,
  type SystemComparison,
} from '../../snapshot/snapshot.ts';
import { changed, unchanged, type Action, type Handlers, type SessionState, type Step } from '../state.ts';

export interface ComparisonEvents {
  /** Two reports of one target were compared. */
  readonly 'systems-compared': {
    readonly ids: SystemComparison['ids'];
    readonly dependence: SystemDependence | undefined;
  };
}

export const comparisonEvents: Handlers<ComparisonEvents> = {
  'systems-compared': (state, comparison) => {
    const { snapshot } = state;
    const wanted = idsOf(snapshot);
    const isWanted = ({ ids }: SystemComparison): boolean => wanted.has(ids.join());
    const systemComparisons = [...snapshot.systemComparisons, comparison].filter(isWanted);
    return changed(state, { systemComparisons }, ['evaluation']);
  },
};

/** Has each two reports compared that belong together and were not; each once. */
export function compareSystems(state: SessionState): Step {
  const actions = pairsOf(state.snapshot).flatMap(([one, other]): Action[] => {
    const ids = [one.evaluated.id, other.evaluated.id] as const;
    const reports = [one.evaluated.report, other.evaluated.report] as const;
    return state.compared.has(ids.join()) ? [] : [{ kind: 'compare-systems', ids, reports }];
  });
  if (actions.length === 0) return unchanged(state);
  const compared = new Set([...state.compared, ...idsOf(state.snapshot)]);
  return unchanged({ ...state, compared }, actions);
}

type Pair = readonly [JudgedEvaluation, JudgedEvaluation];

/** Each target's evaluations as further systems, with its first one. */
function pairsOf(snapshot: Snapshot): Pair[] {
  const firsts = new Map<string, JudgedEvaluation>();
  return judgedEvaluations(snapshot).flatMap((one): Pair[] => {
    const first = firsts.get(one.entry.key);
    if (first) return [[one, first]];
    firsts.set(one.entry.key, one);
    return [];
  });
}

function idsOf(snapshot: Snapshot): ReadonlySet<string> {
  return new Set(pairsOf(snapshot).map(([one, other]) => [one.evaluated.id, other.evaluated.id].join()));
}
