import type { TargetsResult } from '../protocol.ts';
import { noTargetMessage, type Snapshot } from '../session/snapshot.ts';
import { offeredSystems } from '../session/systems.ts';

/** The targets request: what the pickers offer. */
export function targetItems(snapshot: Snapshot): TargetsResult {
  const { targets = [], activeTarget, evaluateAs, evaluated } = snapshot;
  const others = [
    ...(evaluateAs === undefined ? [] : [evaluateAs]),
    ...(evaluated?.report.judgement.bySystem.keys() ?? []),
  ];
  const problem = targets.length > 0 ? undefined : problemOf(snapshot);
  return {
    targets: targets.map(({ key, label, description }) => ({
      key,
      label,
      description,
      active: key === activeTarget?.key,
    })),
    systems: offeredSystems(others),
    ...(evaluateAs !== undefined && { evaluateAs }),
    ...(problem !== undefined && { problem }),
  };
}

function problemOf(snapshot: Snapshot): string {
  const { trusted, failure } = snapshot;
  if (!trusted) return 'This workspace is not trusted. Trust it to look for evaluation targets.';
  if (failure?.nixUnavailable) return failure.errors[0]?.message ?? 'Nix was not found.';
  return noTargetMessage(snapshot);
}
