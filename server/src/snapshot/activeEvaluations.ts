import type { System } from '../model/system.ts';
import type { ChosenTarget } from '../storage/choice.ts';
import { observedFiles } from './observedFiles.ts';
import { hasOutcome, type Evaluation, type Snapshot, type TargetEntry } from './snapshot.ts';

/** The evaluations of some targets, with what is known of those that were active before. */
export function evaluationsOf(
  chosen: readonly TargetEntry[],
  companions: readonly TargetEntry[],
  evaluateAs: readonly (System | undefined)[],
  { evaluations: before }: Snapshot,
): Evaluation[] {
  const made = new Map<string, Evaluation>();
  const known = new Map(before.map((evaluation) => [evaluation.key, evaluation]));
  const add = (entry: TargetEntry, isCompanion: boolean, systems: readonly (System | undefined)[]): void => {
    for (const system of entry.evaluateAs ?? systems) {
      // What is expected is judged: another expectation is another evaluation, whose report is kept apart.
      const expectation = entry.expect === undefined ? [] : [entry.expect];
      const key = JSON.stringify([entry.key, system ?? null, ...expectation]);
      if (made.has(key)) continue;
      made.set(key, { ...(known.get(key) ?? nothingKnown), key, entry, evaluateAs: system, isCompanion });
    }
  };
  for (const entry of chosen) add(entry, false, evaluateAs);
  // A file that is fine on this machine alone is not fine where the targets are evaluated as another one.
  const asChosen = [...new Set(chosen.flatMap((entry) => entry.evaluateAs ?? evaluateAs))];
  for (const entry of companions) add(entry, true, asChosen.length > 0 ? asChosen : evaluateAs);
  return [...made.values()];
}

const nothingKnown = {
  running: undefined,
  evaluated: undefined,
  failure: undefined,
  notice: undefined,
} satisfies Partial<Evaluation>;

/** What is kept of a target for the next session: whoever brought it in stays known. */
export function keptTarget({ key, label, description, target, isOwn }: TargetEntry): ChosenTarget {
  return { key, label, description, target, ...(isOwn && { isOwn }) };
}

/** The targets behind evaluations, each once. */
export function entriesOf(evaluations: readonly Evaluation[]): TargetEntry[] {
  return [...new Map(evaluations.map(({ entry }) => [entry.key, entry])).values()];
}

/** True where a report has seen values of a file's expressions, or where the target itself is in it. */
export function reaches({ entry, evaluated }: Evaluation, file: string): boolean {
  if (filesOf(entry).includes(file)) return true;
  return evaluated !== undefined && observedFiles(evaluated.report).has(file);
}

/** The files that an evaluation {@link reaches}. */
export function filesReachedBy({ entry, evaluated }: Evaluation): string[] {
  return [...filesOf(entry), ...(evaluated ? observedFiles(evaluated.report) : [])];
}

/** The files in which a target is. */
function filesOf({ source, target }: TargetEntry): string[] {
  return [...(source ? [source.file] : []), ...(target.kind === 'file' ? [target.file] : [])];
}

/** Open files that no chosen target reaches; none while a chosen one has not come out yet. */
export function unreachedFiles({ evaluations, documents, settings }: Snapshot): string[] {
  const chosen = evaluations.filter(({ isCompanion }) => !isCompanion);
  if (!settings['evaluation.openFiles'] || chosen.length === 0) return [];
  if (!chosen.every(hasOutcome)) return [];
  return [...documents.keys()].filter((file) => !chosen.some((evaluation) => reaches(evaluation, file)));
}

/**
 * Targets to evaluate besides the chosen ones: for each open file that none of
 * them reaches, the first that is in it. While a chosen one has not come out
 * yet, those that are there stay.
 */
export function findCompanions(snapshot: Snapshot): TargetEntry[] {
  const { evaluations, documents, targets = [], settings } = snapshot;
  if (!settings['evaluation.openFiles']) return [];
  const unreached = new Set(unreachedFiles(snapshot));
  const chosen = evaluations.filter(({ isCompanion }) => !isCompanion);
  const found = firstByFile(targets);
  const known = firstByFile(evaluations.flatMap(({ isCompanion, entry }) => (isCompanion ? entry : [])));
  return [...documents.keys()].flatMap((file) => {
    if (unreached.has(file)) return found.get(file) ?? [];
    if (chosen.some((evaluation) => reaches(evaluation, file))) return [];
    return known.get(file) ?? [];
  });
}

/** The first target that is in each file. */
function firstByFile(entries: readonly TargetEntry[]): ReadonlyMap<string, TargetEntry> {
  const first = new Map<string, TargetEntry>();
  for (const entry of entries)
    for (const file of filesOf(entry)) if (!first.has(file)) first.set(file, entry);
  return first;
}
