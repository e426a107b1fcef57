import { entriesOf, evaluationsOf, findCompanions } from '../snapshot/activeEvaluations.ts';
import { chosenEvaluations, type Snapshot, type TargetEntry } from '../snapshot/snapshot.ts';
import type { ChosenTarget, Choice } from '../storage/choice.ts';
import { chooseTarget, namedTargets } from './targetCatalogue.ts';

/**
 * The evaluations of the targets that are to be active where there are any:
 * those that the person chose; else the first that is named; else those that
 * are active, although their file may be broken just now; else one that was
 * found, or those of the former session. With those of the open files that
 * these do not reach.
 */
export function evaluationsOfChoice(
  snapshot: Snapshot,
  choice: Choice,
  former: readonly ChosenTarget[],
): Pick<Snapshot, 'evaluations' | 'evaluateAs'> {
  const { settings, targets = [], documents } = snapshot;
  const listed = (key: string): TargetEntry | undefined => targets.find((entry) => entry.key === key);
  const named = namedTargets(snapshot);
  const byDefault = chooseTarget(targets, named, [...documents.keys()]);
  const active = entriesOf(chosenEvaluations(snapshot));
  const kept = named.length === 0 && active.length > 0 ? active : byDefault ? [byDefault] : former;
  const chosen = (choice.targets ?? kept).map((entry): TargetEntry => {
    const known: TargetEntry = listed(entry.key) ?? entry;
    const { evaluateAs: ownSystems, ...rest } = known;
    // The person's choice of systems holds for all of them.
    return { ...rest, ...(ownSystems && !choice.evaluateAs && { evaluateAs: ownSystems }) };
  });
  const evaluateAs = choice.evaluateAs?.map((system) => system ?? undefined) ?? settings.evaluateAs;
  const systems = evaluateAs.length > 0 ? evaluateAs : [undefined];
  const own = evaluationsOf(chosen, [], systems, snapshot);
  const before = snapshot.evaluations.filter(({ isCompanion }) => isCompanion);
  const companions = findCompanions({ ...snapshot, evaluations: [...own, ...before] });
  return { evaluations: evaluationsOf(chosen, companions, systems, snapshot), evaluateAs: systems };
}
