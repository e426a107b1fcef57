import type { TargetsResult } from '../protocol.ts';
import { isActive, judgedEvaluations, noTargetMessage, type Snapshot } from '../session/snapshot.ts';
import { offeredSystems } from '../session/systems.ts';

/** The targets request: what the pickers offer. */
export function targetItems(snapshot: Snapshot): TargetsResult {
  const { targets = [], evaluateAs } = snapshot;
  const others = [
    ...evaluateAs.flatMap((system) => system ?? []),
    ...judgedEvaluations(snapshot).flatMap(({ evaluated }) => [
      ...evaluated.report.judgement.bySystem.keys(),
    ]),
  ];
  const problem = targets.length > 0 ? undefined : problemOf(snapshot);
  return {
    targets: targets.map((entry) => ({
      key: entry.key,
      label: entry.label,
      description: entry.description,
      active: isActive(entry, snapshot),
    })),
    systems: offeredSystems(others),
    evaluateAs: evaluateAs.map((system) => system ?? null),
    ...(problem !== undefined && { problem }),
  };
}

function problemOf(snapshot: Snapshot): string {
  const { trusted, evaluations } = snapshot;
  const failure = evaluations.find((evaluation) => evaluation.failure)?.failure;
  if (!trusted) return 'This workspace is not trusted. Trust it to look for evaluation targets.';
  if (failure?.nixUnavailable) return failure.errors[0]?.message ?? 'Nix was not found.';
  return noTargetMessage(snapshot);
}
