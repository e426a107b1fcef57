import { fileOfTarget } from '../model/target.ts';
import type { Evaluation, Snapshot } from '../snapshot/snapshot.ts';

/** Files whose text has to be known to show a failure: Nix tells of places in them, and not of what they hold. */
export function filesBehind({ entry, failure }: Evaluation, { documents }: Snapshot): string[] {
  const own = fileOfTarget(entry.target);
  return [
    ...documents.keys(),
    ...(own === undefined ? [] : [own]),
    ...(failure?.errors.flatMap(({ source }) => source?.file ?? []) ?? []),
  ];
}

/** What is open in the editor comes first; then in the order in which they were chosen. */
export function rankOf(key: string, { evaluations, documents }: Snapshot): number {
  const index = evaluations.findIndex((evaluation) => evaluation.key === key);
  const { entry, evaluated } = evaluations[index] ?? {};
  const target = entry?.target;
  const files = [
    ...(entry?.source ? [entry.source.file] : []),
    ...(target?.kind === 'file' ? [target.file] : []),
    ...(evaluated?.report.observations.map(({ source }) => source.file) ?? []),
  ];
  return index + (files.some((file) => documents.has(file)) ? 0 : evaluations.length);
}
