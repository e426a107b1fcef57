import type { FoundGroup, SearchPart } from '../../targets/search/found.ts';
import { RangeTracker } from '../../snapshot/rangeTracker.ts';
import type { Evaluation, Snapshot, TargetEntry } from '../../snapshot/snapshot.ts';
import { changed, type Handlers } from '../state.ts';
import { rememberLeaving } from './recallEvents.ts';

export interface TargetEvents {
  /** What the search for targets that is under way, or was ended, has found. */
  readonly 'targets-searched': {
    readonly searched: readonly SearchPart[];
    /** The texts to which the places of what was found refer. */
    readonly texts: ReadonlyMap<string, string>;
  };
  /** A search has looked into all that there is, or took too long for that. */
  readonly 'search-ended': Pick<Snapshot, 'searchProblem' | 'searchAction'> & {
    readonly targetGroups: readonly FoundGroup[];
  };
  /** What there is to choose from is known, with the texts to which its places refer. */
  readonly 'targets-listed': {
    readonly targets: readonly TargetEntry[];
    readonly texts: ReadonlyMap<string, string>;
  };
  /** These are the evaluations from now on. */
  readonly 'evaluations-chosen': Pick<Snapshot, 'evaluateAs'> & {
    readonly evaluations: readonly Evaluation[];
  };
}

export const targetEvents: Handlers<TargetEvents> = {
  'targets-searched': (state, { searched, texts }) => {
    const { documents, targetRanges } = state.snapshot;
    const baselines = new Map([...texts, ...targetRanges.baselines]);
    return changed(state, { searched, targetRanges: RangeTracker.from(baselines, documents.values()) });
  },
  'search-ended': (state, ended) => changed(state, ended),
  'targets-listed': (state, { targets, texts }) => {
    const { documents, targets: before, targetRanges } = state.snapshot;
    const isSame = JSON.stringify(before ?? []) === JSON.stringify(targets);
    const ranges = RangeTracker.from(texts, documents.values());
    const isMoved = [...texts].some(([file, text]) => targetRanges.baselines.get(file) !== text);
    const aspects = isSame && !isMoved ? [] : (['targets'] as const);
    return changed(state, { targets, targetRanges: ranges }, aspects, [{ kind: 'activate-targets' }]);
  },
  'evaluations-chosen': (state, { evaluations, evaluateAs }) => {
    const { snapshot } = state;
    const isAsBefore = keysOf(evaluations) === keysOf(snapshot.evaluations);
    const reportsId = snapshot.reportsId + Number(reportsOf(evaluations) !== reportsOf(snapshot.evaluations));
    return changed(
      rememberLeaving(state, evaluations),
      { evaluations, evaluateAs, reportsId },
      isAsBefore ? [] : ['targets', 'evaluation', 'run'],
    );
  },
};

function keysOf(evaluations: readonly Evaluation[]): string {
  return JSON.stringify(evaluations.map(({ key }) => key));
}

function reportsOf(evaluations: readonly Evaluation[]): string {
  return evaluations.flatMap(({ evaluated }) => evaluated?.id ?? []).join();
}
