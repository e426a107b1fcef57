import { fileOfTarget } from '../model/target.ts';
import { filesReachedBy } from '../snapshot/activeEvaluations.ts';
import type { Evaluation, Snapshot } from '../snapshot/snapshot.ts';

/**
 * Files to be read before a run: what a failure may stand in, because Nix tells
 * of places and not of what the files hold, and all of which something is known,
 * because it may be another text by now.
 */
export function filesBehind({ entry, failure }: Evaluation, { documents, diskTexts }: Snapshot): string[] {
  const own = fileOfTarget(entry.target);
  return [
    ...documents.keys(),
    ...diskTexts.keys(),
    ...(own === undefined ? [] : [own]),
    ...(failure?.errors.flatMap(({ source }) => source?.file ?? []) ?? []),
  ];
}

/** What is open in the editor comes first; then in the order in which they were chosen. */
export function rankOf(key: string, { evaluations, documents }: Snapshot): number {
  const index = evaluations.findIndex((evaluation) => evaluation.key === key);
  const evaluation = evaluations[index];
  const isOpen = evaluation !== undefined && filesReachedBy(evaluation).some((file) => documents.has(file));
  return index + (isOpen ? 0 : evaluations.length);
}
