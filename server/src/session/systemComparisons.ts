import type { NixConnection, SessionParts } from './parts.ts';
import {
  judgedEvaluations,
  type JudgedEvaluation,
  type Snapshot,
  type SystemComparison,
} from '../snapshot/snapshot.ts';
import type { Store } from './store.ts';

type Pair = readonly [JudgedEvaluation, JudgedEvaluation];

/** Keeps {@link Snapshot.systemComparisons} up to date; each two reports are compared once. */
export function watchSystems(
  store: Store,
  nix: () => Pick<NixConnection, 'compareSystems'>,
  logError: SessionParts['logError'],
): void {
  const underWay = new Set<string>();
  const compare = async (pairs: readonly Pair[]): Promise<void> => {
    for (const [one, other] of pairs) {
      const ids = [one.evaluated.id, other.evaluated.id] as const;
      if (underWay.has(ids.join())) continue;
      underWay.add(ids.join());
      try {
        const dependence = await nix().compareSystems(one.evaluated.report, other.evaluated.report);
        const systemComparisons = [...stillWanted(store.snapshot), { ids, dependence }];
        store.update({ systemComparisons }, 'evaluation');
      } finally {
        underWay.delete(ids.join());
      }
    }
  };
  store.onChange((aspects) => {
    if (!aspects.has('evaluation')) return;
    const { systemComparisons } = store.snapshot;
    const isKnown = (pair: Pair): boolean => systemComparisons.some(({ ids }) => isOf(ids, pair));
    const missing = pairsOf(store.snapshot).filter((pair) => !isKnown(pair));
    if (missing.length === 0) return;
    compare(missing).catch((error: unknown) => logError('Two systems could not be compared.', error));
  });
}

/** Each target's evaluations as further systems, with its first one. */
function pairsOf(snapshot: Snapshot): Pair[] {
  const judged = judgedEvaluations(snapshot);
  return judged.flatMap((one): Pair[] => {
    const first = judged.find(({ entry }) => entry.key === one.entry.key);
    return first && first !== one ? [[one, first]] : [];
  });
}

function isOf([one, other]: SystemComparison['ids'], [first, second]: Pair): boolean {
  return one === first.evaluated.id && other === second.evaluated.id;
}

function stillWanted(snapshot: Snapshot): SystemComparison[] {
  const pairs = pairsOf(snapshot);
  return snapshot.systemComparisons.filter(({ ids }) => pairs.some((pair) => isOf(ids, pair)));
}
